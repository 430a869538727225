/**
 * Real certificates for tests: a CA, and what it signs for servers and clients. Nothing is written to disk.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

export interface Authority extends KeyPair {
  /** A server's certificate for these names; addresses become IP SANs. */
  server(names: readonly string[], options?: Validity & { subject?: string }): Promise<KeyPair>;
  /** A client's certificate: Kubernetes takes the CN for the user's name, and each O for a group. */
  client(subject: string, options?: Validity): Promise<KeyPair>;
}

export interface Validity {
  notBefore?: Date;
  notAfter?: Date;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 24 * 60 * 60 * 1000;

export async function createAuthority(subject = 'CN=test CA'): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...frame({}),
    name: subject,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });

  async function sign(name: string, validity: Validity, extensions: x509.Extension[]): Promise<KeyPair> {
    const own = await generateKeys();
    const signed = await x509.X509CertificateGenerator.create({
      ...frame(validity),
      subject: name,
      issuer: certificate.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [new x509.BasicConstraintsExtension(false), ...extensions],
    });
    return { cert: signed.toString('pem'), key: await privateKeyPem(own) };
  }

  return {
    cert: certificate.toString('pem'),
    key: await privateKeyPem(keys),
    server: (names, { subject: name = `CN=${names[0]}`, ...validity } = {}) =>
      sign(name, validity, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value })),
        ),
      ]),
    client: (name, validity = {}) =>
      sign(name, validity, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]),
  };
}

const frame = ({ notBefore, notAfter }: Validity) => ({
  serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^./, '1'),
  notBefore: notBefore ?? new Date(Date.now() - day),
  notAfter: notAfter ?? new Date(Date.now() + 30 * day),
  signingAlgorithm: algorithm,
});

const generateKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const privateKeyPem = async (keys: CryptoKeyPair): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
