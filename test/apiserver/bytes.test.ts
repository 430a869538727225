import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64, toBase64, toBase64Url } from '../../packages/apiserver/bytes/base64.ts';
import { sha256Hex } from '../../packages/apiserver/bytes/sha256.ts';
import { joined, toBytes, toHex, toText } from '../../packages/apiserver/bytes/utf8.ts';

const bytes = fc.uint8Array({ maxLength: 300 });

it('hashes as Node does', () => {
  fc.assert(fc.property(bytes, (content) => sha256Hex(content) === createHash('sha256').update(content).digest('hex')));
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

it('writes base64 as Node does, and reads it back', () => {
  fc.assert(
    fc.property(bytes, (content) => {
      const buffer = Buffer.from(content);
      expect(toBase64(content)).toBe(buffer.toString('base64'));
      expect(toBase64Url(content)).toBe(buffer.toString('base64url'));
      expect([...fromBase64(toBase64(content))]).toEqual([...content]);
      expect([...fromBase64(toBase64Url(content))]).toEqual([...content]);
    }),
  );
});

it('reads what is no base64 as Node does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      const [before = ''] = text.split('=', 1);
      expect([...fromBase64(text)]).toEqual([...Buffer.from(before, 'base64')]);
    }),
  );
});

it('takes text for UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect([...toBytes(text)]).toEqual([...Buffer.from(text)]);
      expect(toText(toBytes(text))).toBe(text);
      expect(toHex(toBytes(text))).toBe(Buffer.from(text).toString('hex'));
    }),
  );
  expect([...joined([Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)])]).toEqual([1, 2, 3]);
});
