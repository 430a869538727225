/** What the steps of an issuance have in common: references to issuers, names, and dummy data. */
import { fromBase64, toBase64 } from '../../../../packages/apiserver/bytes/base64.ts';
import { toBytes, toText } from '../../../../packages/apiserver/bytes/utf8.ts';
import { sha256Hex } from '../../../../packages/apiserver/bytes/sha256.ts';
import { condition, list, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Settings } from './settings.ts';

export const group = 'cert-manager.io';
export const certificateName = 'cert-manager.io/certificate-name';
export const revisionAnnotation = 'cert-manager.io/certificate-revision';
export const keyAnnotation = 'cert-manager.io/private-key-secret-name';

export interface IssuerRef {
  group: string;
  kind: string;
  name: string;
}

/** A reference to an issuer, with what it means when it is left out. */
export const issuerRefOf = (object: StoredObject): IssuerRef => ({
  group: text(object, 'spec', 'issuerRef', 'group') || group,
  kind: text(object, 'spec', 'issuerRef', 'kind') || 'Issuer',
  name: text(object, 'spec', 'issuerRef', 'name'),
});

/** The issuer that an object names. Those of other groups have controllers of their own. */
export function issuerOf(cluster: Cluster, object: StoredObject): StoredObject | undefined {
  const { kind, name } = issuerRefOf(object);
  return kind === 'ClusterIssuer'
    ? cluster.get(kinds.ClusterIssuer, undefined, name)
    : cluster.get(kinds.Issuer, object.metadata.namespace, name);
}

export const isReady = (issuer: StoredObject): boolean => condition(issuer['status'], 'Ready') === 'True';

/** Where an issuer's Secrets are looked up: a cluster-scoped one has no namespace of its own. */
export const secretsOf = (issuer: StoredObject, { clusterResourceNamespace }: Settings): string =>
  issuer.metadata.namespace ?? clusterResourceNamespace;

export const conditionsOf = (object: StoredObject): readonly unknown[] => list(object, 'status', 'conditions');

export const conditionOf = (object: StoredObject, type: string): unknown =>
  conditionsOf(object).find((entry) => text(entry, 'type') === type);

/** `<prefix>-<digits>`, the prefix cut so that it fits a label [pkg/api/util/names.go ComputeName]. */
export const hashedName = (prefix: string, spec: unknown): string =>
  `${prefix.slice(0, 52).replace(/[^a-z0-9]+$/, '')}-${fnv(JSON.stringify(spec))}`;

/** FNV-1 of 32 bits, as Go's hash/fnv has it. */
function fnv(content: string): number {
  let hash = 0x811c9dc5;
  for (const byte of toBytes(content)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return hash;
}

/** What stands for a key, a request or a certificate: words, in base64. */
export const dummy = (words = 'demo'): string => toBase64(words);

/** A dummy request says for which names it is. */
export const requestFor = (names: readonly string[]): string => dummy(`demo ${names.join(' ')}`);

/** The names of a dummy request; undefined for one that says none. */
export function namesIn(request: string): readonly string[] | undefined {
  const [word, ...names] = toText(fromBase64(request)).split(' ');
  return word === 'demo' && names.length > 0 ? names : undefined;
}

/** A number as ACME servers give them out, the same in every run. */
export const serialNumber = (seed: string, digits: number): string =>
  (BigInt(`0x${sha256Hex(seed).slice(0, 16)}`) % 10n ** BigInt(digits)).toString().padStart(digits, '4');
