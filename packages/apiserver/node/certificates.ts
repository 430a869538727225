/**
 * A certificate authority for one run: its keys never leave the process, and end with it.
 *
 * The library that writes X.509 takes a while to load: import this file late, beside other work.
 */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

export interface IssuedCertificate {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
}

export interface CertificateRequest {
  commonName: string;
  /** Subject alternative names: DNS names and IP addresses. */
  names: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

export interface CertificateAuthority {
  /** PEM. */
  cert: string;
  issue: (request: CertificateRequest) => Promise<IssuedCertificate>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

export async function createCertificateAuthority(commonName: string): Promise<CertificateAuthority> {
  const { KeyUsageFlags: usage } = x509;
  const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 365 * day) };
  const keys = await newKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: distinguishedName(commonName),
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    cert: `${own.toString('pem')}\n`,
    async issue({ commonName: subject, names, notBefore, notAfter }) {
      const pair = await newKeys();
      const signed = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: distinguishedName(subject),
        issuer: own.subjectName,
        notBefore: notBefore ?? validity.notBefore,
        notAfter: notAfter ?? validity.notAfter,
        publicKey: pair.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(usage.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
          ),
        ],
      });
      return { cert: `${signed.toString('pem')}\n`, key: await privateKeyPem(pair) };
    },
  };
}

const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const privateKeyPem = async ({ privateKey }: CryptoKeyPair): Promise<string> =>
  `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')}\n`;

/** A positive number of 16 bytes. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

const distinguishedName = (commonName: string): x509.Name => new x509.Name([{ CN: [{ utf8String: commonName }] }]);
