/** Base64 as RFC 4648 has it. What is read may be of either alphabet, with or without padding; what is of neither is passed over. */
import { toBytes } from './utf8.ts';

const common = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const standard = `${common}+/`;
const forUrls = `${common}-_`;

const values = new Map(Array.from(`${standard}${forUrls}`, (letter, index) => [letter, index % 64]));

const asBytes = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? toBytes(content) : content;

function encode(bytes: Uint8Array, alphabet: string): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(index, index + 3);
    const bits = (first << 16) | (second << 8) | third;
    const letters = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63]).join('');
    text += letters.slice(0, Math.min(4, bytes.length - index + 1));
  }
  return text;
}

/** Text is written as the UTF-8 that it is. */
export function toBase64(content: string | Uint8Array): string {
  const text = encode(asBytes(content), standard);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** For URLs and tokens, without padding. */
export const toBase64Url = (content: string | Uint8Array): string => encode(asBytes(content), forUrls);

export function fromBase64(text: string): Uint8Array {
  const bytes: number[] = [];
  let [bits, count] = [0, 0];
  for (const letter of text.split('=', 1)[0] ?? '') {
    const value = values.get(letter);
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return Uint8Array.from(bytes);
}
