import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHttps, encodeHttps, httpsType } from '../../src/formats/dns-https.ts';

/** The bytes of RFC 9460's own test vectors (D.1 and D.2), without what names cannot hold. */
const vectors: readonly (readonly [string, readonly number[]])[] = [
  ['0 foo.example.com.', [0, 0, 3, 102, 111, 111, 7, 101, 120, 97, 109, 112, 108, 101, 3, 99, 111, 109, 0]],
  ['1 .', [0, 1, 0]],
  ['16 foo.example.com.', [0, 16, 3, 102, 111, 111, 7, 101, 120, 97, 109, 112, 108, 101, 3, 99, 111, 109, 0]],
];

describe('an HTTPS record', () => {
  it.each(vectors)('%s', (text, bytes) => {
    expect(encodeHttps(text)).toEqual(Uint8Array.from(bytes));
    expect(decodeHttps(Uint8Array.from(bytes))).toBe(text);
  });

  it('is read past its parameters', () => {
    // alpn=h2 [RFC 9460, D.2].
    expect(decodeHttps(Uint8Array.from([0, 1, 0, 0, 1, 0, 3, 2, 104, 50]))).toBe('1 .');
    expect(encodeHttps('1 . alpn=h2')).toEqual(Uint8Array.from([0, 1, 0]));
  });

  it.each([[], [0], [0, 1], [0, 1, 5, 97], [0, 1, 0xc0, 12], [0, 1, 64, ...Array<number>(64).fill(97), 0]])(
    'is not in %j',
    (...bytes) => expect(decodeHttps(Uint8Array.from(bytes))).toBeUndefined(),
  );

  it.each(['', '1', 'x .', '65536 .', `1 ${'a'.repeat(64)}.`, `1 ${'abcdefgh.'.repeat(30)}`, '1 ключ.'])(
    'cannot be written as %j',
    (text) => expect(encodeHttps(text)).toBeUndefined(),
  );

  it('comes through a message as it was', () => {
    const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(label, { maxLength: 6 }), (priority, labels) => {
        const text = `${priority} ${labels.join('.')}.`;
        const data = Buffer.from(encodeHttps(text) ?? []);
        const packet = decode(
          encode({ type: 'response', answers: [{ type: httpsType as 'NULL', name: 'a.example', data }] }),
        );
        const [answer] = packet.answers ?? [];
        expect(answer !== undefined && 'data' in answer && decodeHttps(answer.data as Buffer)).toBe(text);
      }),
    );
  });

  it('is never anything but text or nothing, whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => (decodeHttps(bytes)?.length ?? 0) <= 300));
  });
});
