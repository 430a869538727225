/**
 * Manifests as a source of facts: the same judges that look at a cluster look at what is in Git, before it is merged.
 *
 * What manifests hold is a fact, without the status that only a cluster gives it. What they do not hold is not taken for absent,
 * unless they hold that kind and nobody but people writes it: then a name that is not there is a name that is nowhere.
 */
import { hasLabels } from '../formats/label-selector.ts';
import { NeedsCluster, problem, type Fact } from '../runbook/fact.ts';
import { keptObject } from '../runbook/keep.ts';
import { kinds, type KindName } from '../runbook/kinds.ts';
import { readSubject, type ClusterRead, type ListRead, type ObjectRead } from '../runbook/read.ts';
import type { ObjectRef } from '../runbook/check.ts';
import { openList, wholeList } from '../runbook/open-list.ts';
import type { ClusterSource, Position } from '../runbook/source.ts';
import { groupOf } from '../kinds/kind.ts';
import { referencesOf } from '../kinds/references.ts';
import { stepsOf } from '../kinds/violation.ts';
import type { Manifest, ManifestObject } from './manifest.ts';
import { openObject } from './open.ts';
import { keyOf, nameOf } from './scope.ts';
import { withoutPlaceholders } from './untold.ts';

/** Kinds that no controller and hardly a chart creates: what is not in the manifests is not in the cluster. */
const writtenByPeople: ReadonlySet<KindName> = new Set<KindName>([
  'Certificate',
  'CiliumNodeConfig',
  'ClusterIssuer',
  'ClusterSecretStore',
  'EnvoyProxy',
  'ExternalSecret',
  'Gateway',
  'GatewayClass',
  'HTTPRoute',
  'Issuer',
  'ReferenceGrant',
  'SecretStore',
]);

/** Who keeps the one kind in Git keeps the other there: they differ in nothing but the namespace. */
const variants: Partial<Record<KindName, KindName>> = {
  ClusterIssuer: 'Issuer',
  Issuer: 'ClusterIssuer',
  ClusterSecretStore: 'SecretStore',
  SecretStore: 'ClusterSecretStore',
};

/**
 * @param name What the report calls them.
 * @param isStack Whether they are the stack file's: whether what it names ought to be among them.
 * @param requests How many a cluster was sent, for its kinds.
 */
export function manifestCluster(
  manifests: readonly Manifest[],
  { name, isStack, requests = 0 }: { name: string; isStack: boolean; requests?: number },
): ClusterSource {
  const objects = manifests.map(({ object }) => completed(object));
  const named = new Set(
    manifests.flatMap(({ object }) =>
      referencesOf(object).map((reference) => keyOf(reference.kind, reference.namespace, reference.name)),
    ),
  );
  // What only the stack file names may be anywhere, where these are somebody else's manifests.
  const isMissed: IsMissed = ({ kind, namespace = '', name: wanted }) =>
    isStack || named.has(keyOf(kind, namespace, wanted));
  return {
    source: 'manifests',
    context: name,
    server: 'none',
    read: (read) => Promise.resolve(answer(read, objects, isMissed)),
    version: () => Promise.resolve(onlyCluster('The version of Kubernetes')),
    requests: () => requests,
    locate: (object, path) => locate(manifests, object, path),
  };
}

/** Where a field stands, as far as its path is one of the file: of `spec.listeners[?(@.name=="x")]` the listeners are. */
function locate(manifests: readonly Manifest[], object: ObjectRef, path: string): Position | undefined {
  const found = manifests.find(
    ({ object: { kind, metadata } }) =>
      kind === object.kind && metadata.name === object.name && metadata.namespace === object.namespace,
  );
  const plain = /^[\w.-]+(?:\[\d+\][\w.-]*)*/.exec(path)?.[0] ?? '';
  return found && { file: found.file, ...found.place(stepsOf(plain)) };
}

/** Whether an object that is in no manifest is missing from them. */
type IsMissed = (read: ObjectRead) => boolean;

const onlyCluster = (what: string): Fact<never> => ({ ok: false, problem: new NeedsCluster(what).problem });

function answer(read: ClusterRead, objects: readonly ManifestObject[], isMissed: IsMissed): Fact {
  if (read.type === 'log') return onlyCluster(capital(readSubject(read)));
  const { group } = kinds[read.kind];
  const ofKind = objects.filter((object) => object.kind === read.kind && groupOf(object.apiVersion) === group);
  const variant = variants[read.kind];
  const isKept = ofKind.length > 0 || objects.some(({ kind }) => kind === variant);
  const isWhole = isKept && writtenByPeople.has(read.kind);
  const here = ofKind.filter(({ metadata }) => read.namespace === undefined || metadata.namespace === read.namespace);
  if (read.type === 'object') {
    const found = here.find(({ metadata }) => metadata.name === read.name);
    if (found !== undefined) return written(open(read.kind, found));
    return isWhole && isMissed(read)
      ? problem('not-found', `${readSubject(read)} is not in the manifests.`)
      : onlyCluster(capital(readSubject(read)));
  }
  const chosen = here.filter((object) => matches(object, read)).map((object) => open(read.kind, object));
  // Of fields that a selector names, such as an event's type, manifests know nothing.
  return written(
    isWhole && read.fields === undefined
      ? wholeList(chosen)
      : openList(chosen, new NeedsCluster(others(read, chosen.length))),
  );
}

/** What checks may see of it, and what only a cluster can tell. */
const open = (kind: KindName, object: ManifestObject): ManifestObject =>
  openObject(keptObject(kind, withoutPlaceholders(object, `${kind} ${nameOf(object)}`)) as ManifestObject);

const written = (found: unknown): Fact => ({ ok: true, value: found, written: true });

/** `What other Services there are`. */
function others({ kind }: ListRead, count: number): string {
  const { plural } = kinds[kind];
  // The plural of the API in the letters of the kind: GatewayClasses, EnvoyProxies.
  const shared = Array.from(kind.toLowerCase()).findIndex((letter, index) => letter !== plural[index]);
  const stem = shared === -1 ? kind : kind.slice(0, shared);
  return `What ${count === 0 ? '' : 'other '}${stem}${plural.slice(stem.length)} there are`;
}

const matches = ({ metadata }: ManifestObject, { labels = {} }: ListRead): boolean =>
  hasLabels(metadata.labels, labels);

/** What every API server adds to a Namespace, so that selectors by name find it. */
const completed = (object: ManifestObject): ManifestObject =>
  object.kind === 'Namespace' && object.apiVersion === 'v1'
    ? {
        ...object,
        metadata: {
          ...object.metadata,
          labels: { 'kubernetes.io/metadata.name': object.metadata.name, ...object.metadata.labels },
        },
      }
    : object;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
