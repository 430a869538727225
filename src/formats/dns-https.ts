/**
 * HTTPS records, DNS type 65, on the wire and as text: priority and target as `dig` writes them [RFC 9460, 2.2]. `dns-packet` has no
 * name for the type and leaves its bytes as they are.
 */

/** What `dns-packet` calls the type. */
export const httpsType = 'UNKNOWN_65';

/** A name in a message has at most 255 bytes, in labels of at most 63 [RFC 1035, 2.3.4]. */
const longestLabel = 63;
const longestName = 255;

/** `1 .`, `1 svc.example.`: undefined for bytes that are no HTTPS record. Parameters are left out. */
export function decodeHttps(data: Uint8Array): string | undefined {
  if (data.length < 3) return undefined;
  const priority = (data[0] ?? 0) * 256 + (data[1] ?? 0);
  const labels: string[] = [];
  for (let at = 2; at < data.length && at - 2 < longestName;) {
    const length = data[at] ?? 0;
    if (length === 0) return `${priority} ${labels.join('.')}.`;
    // The target must not be compressed, so no byte of a length is larger.
    if (length > longestLabel || at + length >= data.length) return undefined;
    labels.push(String.fromCharCode(...data.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return undefined;
}

/** The bytes of `<priority> <target>`, without parameters; undefined for what is no such text. */
export function encodeHttps(text: string): Uint8Array | undefined {
  const [, priority = '', target = ''] = /^(\d{1,5})\s+(\S+)(?:\s|$)/.exec(text) ?? [];
  const labels = target.split('.').filter((label) => label !== '');
  const length = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  const isSound = labels.every(
    (label) => label.length <= longestLabel && Array.from(label).every((letter) => letter.charCodeAt(0) <= 0xff),
  );
  if (priority === '' || Number(priority) > 0xffff || !isSound || length > longestName) return undefined;
  const bytes = [Number(priority) >> 8, Number(priority) & 0xff];
  for (const label of labels) bytes.push(label.length, ...Array.from(label, (letter) => letter.charCodeAt(0)));
  return Uint8Array.from([...bytes, 0]);
}
