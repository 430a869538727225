/** The key that tokens of ServiceAccounts are signed with: made when the first one is asked for, and gone with the process. */
import { createSign, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Signer } from '../access/tokens.ts';

export function createSigner(): Signer {
  let keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined;
  const pair = (): { publicKey: KeyObject; privateKey: KeyObject } =>
    (keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));
  return {
    sign: (content) => createSign('RSA-SHA256').update(content).sign(pair().privateKey, 'base64url'),
    verify: (content, signature) =>
      keys !== undefined && createVerify('RSA-SHA256').update(content).verify(keys.publicKey, signature, 'base64url'),
    publicKey: () => pair().publicKey.export({ format: 'jwk' }),
  };
}
