/** Certificates, as far as what is looked at needs them: names, and whether a key is theirs. DER, read by hand. [RFC 5280] */

/** What a PEM block holds; undefined where there is none of those labels. Demo Secrets hold none. */
function block(pem: string, ...labels: readonly string[]): Uint8Array | undefined {
  const blocks = pem.matchAll(/-----BEGIN ([A-Z ]+)-----([^-]*)-----END \1-----/g);
  const [, , body = ''] = blocks.find(([, own = '']) => labels.includes(own)) ?? [];
  return body === '' ? undefined : decoded(body);
}

function decoded(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

interface Item {
  tag: number;
  start: number;
  end: number;
}

/** The items that stand one after the other between two places; none where the bytes are no DER. */
function itemsIn(bytes: Uint8Array, from: number, to: number): readonly Item[] {
  const items: Item[] = [];
  let at = from;
  while (at + 2 <= to) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const count = first < 0x80 ? 0 : first & 0x7f;
    let length = first < 0x80 ? first : 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
    const start = at + 2 + count;
    const end = start + length;
    if (end > to || count > 4) return items;
    items.push({ tag, start, end });
    at = end;
  }
  return items;
}

const inner = (bytes: Uint8Array, item: Item | undefined): readonly Item[] =>
  item === undefined ? [] : itemsIn(bytes, item.start, item.end);

const hex = (bytes: Uint8Array, { start, end }: Item): string =>
  [...bytes.subarray(start, end)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const text = (bytes: Uint8Array, { start, end }: Item): string => String.fromCharCode(...bytes.subarray(start, end));

const subjectAltName = '551d11';
const commonName = '550403';
const context3 = 0xa3;
const dnsName = 0x82;

/** What is told of a certificate: the names that it is for, and the public key. */
export interface Certificate {
  dnsNames: readonly string[];
  /** Names by which it must be alone among the certificates of a listener: those, else its common name. */
  domains: readonly string[];
  /** The kind of key, by its object identifier. */
  algorithm: string;
  key: string;
}

/** The first certificate of a chain; undefined where it is none that can be read. */
export function certificateOf(pem: string): Certificate | undefined {
  const bytes = block(pem, 'CERTIFICATE');
  if (bytes === undefined) return undefined;
  const [whole] = itemsIn(bytes, 0, bytes.length);
  const [body] = inner(bytes, whole);
  const parts = inner(bytes, body).filter(({ tag }) => tag !== 0xa0);
  const [, , , , subject, publicKey] = parts;
  const [algorithm, key] = inner(bytes, publicKey);
  if (publicKey === undefined || algorithm === undefined || key === undefined) return undefined;
  const extensions = inner(
    bytes,
    inner(
      bytes,
      parts.find(({ tag }) => tag === context3),
    )[0],
  );
  const named = extensions.map((one) => inner(bytes, one)).find(([id]) => id && hex(bytes, id) === subjectAltName);
  const names = named?.at(-1);
  const dnsNames = inner(bytes, inner(bytes, names)[0])
    .filter(({ tag }) => tag === dnsName)
    .map((item) => text(bytes, item));
  const common = inner(bytes, subject)
    .map((set) => inner(bytes, inner(bytes, set)[0]))
    .filter(([id]) => id && hex(bytes, id) === commonName)
    .flatMap(([, value]) => (value === undefined ? [] : [text(bytes, value)]));
  const [id] = inner(bytes, algorithm);
  return {
    dnsNames,
    domains: dnsNames.length > 0 ? dnsNames : common,
    algorithm: id === undefined ? '' : hex(bytes, id),
    key: hex(bytes, key),
  };
}

const rsa = '2a864886f70d010101';

/** Whether a private key is that of a certificate; undefined where that cannot be told by looking: an RSA key holds the modulus. */
export function isKeyOf(pem: string, { algorithm, key }: Certificate): boolean | undefined {
  const bytes = block(pem, 'PRIVATE KEY', 'RSA PRIVATE KEY');
  if (bytes === undefined || algorithm !== rsa) return undefined;
  // A bit string with no unused bits, in it a sequence, in it the modulus.
  const spki = Uint8Array.from(key.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const [modulus] = inner(spki, itemsIn(spki, 1, spki.length)[0]);
  return modulus === undefined
    ? undefined
    : hex(bytes, { tag: 0, start: 0, end: bytes.length }).includes(hex(spki, modulus));
}

/** The text that a Secret's value stands for. */
export function plain(base64: string): string {
  const bytes = decoded(base64);
  return bytes === undefined ? '' : new TextDecoder().decode(bytes);
}
