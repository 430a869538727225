/**
 * A certificate authority for one run of the demo: its keys never leave the process, and end with it.
 *
 * Node can make keys and sign, but not write X.509. What the demo needs of it (RFC 5280: a few fields, ECDSA over P-256,
 * four extensions) is written out here in DER.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface IssuedCertificate {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
}

export interface CertificateRequest {
  commonName: string;
  /** Subject alternative names: DNS names and IPv4 addresses. */
  names: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

export interface CertificateAuthority {
  /** PEM. */
  cert: string;
  issue(request: CertificateRequest): IssuedCertificate;
}

const day = 86_400_000;

export function createCertificateAuthority(commonName: string): CertificateAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: distinguishedName(commonName), key: own.privateKey, publicKey: spki(own.publicKey) };
  const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 365 * day) };
  const self = certificate({ issuer, subject: issuer.name, publicKey: issuer.publicKey, ...validity, authority: true });
  return {
    cert: pem('CERTIFICATE', self),
    issue({ commonName: subject, names, notBefore, notAfter }) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const signed = certificate({
        issuer,
        subject: distinguishedName(subject),
        publicKey: spki(pair.publicKey),
        notBefore: notBefore ?? validity.notBefore,
        notAfter: notAfter ?? validity.notAfter,
        names,
      });
      const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
      return { cert: pem('CERTIFICATE', signed), key: String(key) };
    },
  };
}

interface Fields {
  issuer: { name: Buffer; key: KeyObject; publicKey: Buffer };
  subject: Buffer;
  publicKey: Buffer;
  notBefore: Date;
  notAfter: Date;
  names?: readonly string[];
  authority?: true;
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature } */
function certificate(fields: Fields): Buffer {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    algorithm,
    fields.issuer.name,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject,
    fields.publicKey,
    tagged(0xa3, sequence(...extensions(fields))),
  );
  return sequence(body, algorithm, bitString(sign('sha256', body, fields.issuer.key)));
}

function extensions({ issuer, publicKey, names, authority }: Fields): readonly Buffer[] {
  const subjectKey = extension('2.5.29.14', octets(keyIdentifier(publicKey)));
  const authorityKey = extension('2.5.29.35', sequence(tagged(0x80, keyIdentifier(issuer.publicKey))));
  if (authority) {
    const usage = tagged(0x03, Buffer.from([0x01, 0x06])); // keyCertSign, cRLSign
    return [
      extension('2.5.29.19', sequence(boolean(true)), true),
      extension('2.5.29.15', usage, true),
      subjectKey,
      authorityKey,
    ];
  }
  const generalNames = (names ?? []).map((name) =>
    isIPv4(name) ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name, 'ascii')),
  );
  return [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', tagged(0x03, Buffer.from([0x07, 0x80])), true), // digitalSignature
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))), // serverAuth
    subjectKey,
    authorityKey,
    extension('2.5.29.17', sequence(...generalNames)),
  ];
}

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

const keyIdentifier = (publicKey: Buffer): Buffer => createHash('sha1').update(publicKey).digest();

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const distinguishedName = (commonName: string): Buffer =>
  sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName, 'utf8')))));

/** UTCTime up to 2049, GeneralizedTime after that. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(0x18, Buffer.from(digits, 'ascii'));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]));
const octets = (content: Buffer): Buffer => tagged(0x04, content);
const bitString = (content: Buffer): Buffer => tagged(0x03, Buffer.concat([Buffer.from([0]), content]));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const bytes = [value % 0x80];
  for (let rest = Math.floor(value / 0x80); rest > 0; rest = Math.floor(rest / 0x80))
    bytes.unshift((rest % 0x80) | 0x80);
  return bytes;
}

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
