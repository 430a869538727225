/** What every template is put together from. Times are relative (`{{ago 3d}}`), so that no object grows old. */
import { toBase64 } from '../../../../packages/apiserver/bytes/base64.ts';
import type { Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';

export type Labels = Readonly<Record<string, string>>;

/** A time so long ago, such as `33d`. */
export const ago = (span: string): string => `{{ago ${span}}}`;

/** When the API server made an object; one that nobody says it of is 30 days old. */
export const created = (span: string): Fields => ({ creationTimestamp: ago(span) });

/** A condition of a status, since a time. */
export const condition = (type: string, since: string, reason: string, message?: string): Fields => ({
  type,
  status: 'True',
  lastTransitionTime: ago(since),
  reason,
  ...(message === undefined ? {} : { message }),
});

/** The same of an object whose spec has been seen once. */
export const observed = (type: string, since: string, reason: string, message: string): Fields => ({
  ...condition(type, since, reason, message),
  observedGeneration: 1,
});

export const namespace = (name: string, since: string, labels?: Labels): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...created(since), ...(labels === undefined ? {} : { labels }) },
});

/** A namespace whose pods are held to one of the Pod Security Standards. */
export const guardedNamespace = (name: string, since: string, standard: string): KubernetesObject =>
  namespace(name, since, { 'pod-security.kubernetes.io/enforce': standard });

/** What stands for every secret value: nothing may read it. */
export const dummy = toBase64('demo');

export const dummies = (...keys: readonly string[]): Labels => Object.fromEntries(keys.map((key) => [key, dummy]));

export const secret = (metadata: KubernetesObject['metadata'], type: string, data: Labels): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata,
  type,
  data,
});

/** An `ownerReferences` entry of a controller's own object; the API server fills in the uid. */
export const ownedBy = ({ apiVersion, kind, metadata }: KubernetesObject): Fields => ({
  apiVersion,
  kind,
  name: metadata.name,
  controller: true,
  blockOwnerDeletion: true,
});

/** `app.kubernetes.io/name`, by which the manifests in Git tell what is whose. */
export const named = (name: string): Labels => ({ 'app.kubernetes.io/name': name });

/** A container that may do nothing but its work, as the manifests in Git ask for. */
export const confined: Fields = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A pod that runs as nobody. */
export const unprivileged = (user: number, group = user, more: Fields = {}): Fields => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: group,
  ...more,
  seccompProfile: { type: 'RuntimeDefault' },
});

export const fieldRef = (name: string, fieldPath: string): Fields => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
});

export const port = (name: string, containerPort: number, protocol = 'TCP'): Fields => ({
  name,
  containerPort,
  protocol,
});

export const httpGet = (path: string, at: string | number): Fields => ({ httpGet: { path, port: at } });
