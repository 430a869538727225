/**
 * Tokens of ServiceAccounts, as `kubectl create token` asks for them: signed, bound to their account, and good for as long as they say.
 */
import { fromBase64, toBase64Url } from '../bytes/base64.ts';
import { toText } from '../bytes/utf8.ts';
import { serviceAccount } from './bindings.ts';
import { isFields, list, number, text } from '../objects/fields.ts';
import { timestamp, type StoredObject } from '../objects/object.ts';
import { authenticated, publicInfo, type User } from './rbac.ts';
import { StatusError } from '../http/statuses.ts';
import type { State } from '../state/state.ts';

export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** Where everybody finds the issuer's keys. */
export const configurationPath = '/.well-known/openid-configuration';
export const keysPath = '/openid/v1/jwks';

/** Holds the key that tokens are signed with: RSA, for which `alg` is RS256. */
export interface Signer {
  /** In base64 for URLs, as all of a token is. */
  sign: (content: string) => string;
  verify: (content: string, signature: string) => boolean;
  /** The public key as RFC 7517 has it. */
  publicKey: () => { kty?: string; n?: string; e?: string };
}

/** Where there is no key there are no tokens. */
export const noSigner: Signer = {
  sign: () => {
    throw new StatusError(500, 'InternalError', 'this API server signs no tokens');
  },
  verify: () => false,
  publicKey: () => ({}),
};

export class Tokens {
  readonly #state: State;
  readonly #signer: Signer;
  readonly #keyId = crypto.randomUUID();

  constructor(state: State, signer: Signer) {
    this.#state = state;
    this.#signer = signer;
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
      jti: crypto.randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      nbf: now,
      sub: serviceAccount(namespace, name).name,
    };
    const content = `${encoded({ alg: 'RS256', kid: this.#keyId })}.${encoded(claims)}`;
    return {
      token: `${content}.${this.#signer.sign(content)}`,
      expirationTimestamp: timestamp(new Date((now + seconds) * 1000)),
    };
  }

  /** The ServiceAccount whose token it is; undefined for any other token, and once the account is gone. */
  userOf(token: string): User | undefined {
    const [header = '', body = '', signature = ''] = token.split('.');
    if (signature === '' || !this.#signer.verify(`${header}.${body}`, signature)) return undefined;
    const claims: unknown = JSON.parse(toText(fromBase64(body)));
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
    const { kty, n, e } = this.#signer.publicKey();
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

const encoded = (value: object): string => toBase64Url(JSON.stringify(value));
