/**
 * Tokens of ServiceAccounts, as `kubectl create token` asks for them: signed, bound to their account, and good for as long as they say.
 *
 * The key is made when the first token is: a demo that nobody asks for one does without.
 */
import { createSign, createVerify, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { serviceAccount } from './bindings.ts';
import { isFields, list, number, text } from '../objects/fields.ts';
import { timestamp, type StoredObject } from '../objects/object.ts';
import { authenticated, publicInfo, type User } from './rbac.ts';
import type { State } from '../state/state.ts';

export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** Where everybody finds the issuer's keys. */
export const configurationPath = '/.well-known/openid-configuration';
export const keysPath = '/openid/v1/jwks';

export class Tokens {
  readonly #state: State;
  #keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined;
  readonly #keyId = randomUUID();

  constructor(state: State) {
    this.#state = state;
  }

  get #pair(): { publicKey: KeyObject; privateKey: KeyObject } {
    this.#keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return this.#keys;
  }

  issue(
    { metadata }: StoredObject,
    audiences: readonly string[],
    seconds: number,
  ): { token: string; expirationTimestamp: string } {
    const now = Math.floor(this.#state.now().getTime() / 1000);
    const { name, namespace = '', uid } = metadata;
    const claims = {
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: issuer,
      jti: randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      nbf: now,
      sub: serviceAccount(namespace, name).name,
    };
    const content = `${encoded({ alg: 'RS256', kid: this.#keyId })}.${encoded(claims)}`;
    const signature = createSign('RSA-SHA256').update(content).sign(this.#pair.privateKey, 'base64url');
    return {
      token: `${content}.${signature}`,
      expirationTimestamp: timestamp(new Date((now + seconds) * 1000)),
    };
  }

  /** The ServiceAccount whose token it is; undefined for any other token, and once the account is gone. */
  userOf(token: string): User | undefined {
    const [header = '', body = '', signature = ''] = token.split('.');
    if (this.#keys === undefined || signature === '') return undefined;
    const isGenuine = createVerify('RSA-SHA256')
      .update(`${header}.${body}`)
      .verify(this.#keys.publicKey, signature, 'base64url');
    const claims: unknown = isGenuine ? JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) : undefined;
    if (!isFields(claims) || number(claims, 'exp') * 1000 < this.#state.now().getTime()) return undefined;
    if (!list(claims, 'aud').includes(issuer)) return undefined;
    const bound = claims['kubernetes.io'];
    const [namespace, name] = [text(bound, 'namespace'), text(bound, 'serviceaccount', 'name')];
    const account = this.#state.get({ group: '', kind: 'ServiceAccount' }, namespace, name);
    const uid = text(bound, 'serviceaccount', 'uid');
    if (account?.metadata.uid !== uid) return undefined;
    return {
      ...serviceAccount(namespace, name),
      uid,
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${text(claims, 'jti')}`] },
      rules: [...publicInfo, ...authenticated],
    };
  }

  /** The keys that tokens can be verified with, as RFC 7517 has them. */
  keySet(): object {
    const { kty, n, e } = this.#pair.publicKey.export({ format: 'jwk' });
    return { keys: [{ use: 'sig', kty, kid: this.#keyId, alg: 'RS256', n, e }] };
  }
}

export const openIdConfiguration = (address: string): object => ({
  issuer,
  jwks_uri: `https://${address}${keysPath}`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
});

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
