/** What stands below an object: its status, its scale, its logs. */
import type { Resource } from './resources.ts';

/** What a subresource takes, and the kind that it speaks where that is not its parent's. */
export interface Subresource {
  verbs: readonly string[];
  /** Without group and version where they are the parent's. */
  kind?: { group?: string; version?: string; kind: string };
}

const ofObject: Subresource = { verbs: ['get', 'patch', 'update'] };

const stream = (kind: string): Subresource => ({ verbs: ['create', 'get'], kind: { kind } });

const proxy = (kind: string): Subresource => ({
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
  kind: { kind },
});

const subresources: Readonly<Record<string, Subresource>> = {
  attach: stream('PodAttachOptions'),
  binding: { verbs: ['create'], kind: { kind: 'Binding' } },
  eviction: { verbs: ['create'], kind: { group: 'policy', version: 'v1', kind: 'Eviction' } },
  exec: stream('PodExecOptions'),
  finalize: { verbs: ['update'] },
  log: { verbs: ['get'] },
  'Node/proxy': proxy('NodeProxyOptions'),
  'Pod/proxy': proxy('PodProxyOptions'),
  portforward: stream('PodPortForwardOptions'),
  scale: { ...ofObject, kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
  'Service/proxy': proxy('ServiceProxyOptions'),
  token: { verbs: ['create'], kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } },
};

export const subresource = ({ kind }: Pick<Resource, 'kind'>, name: string): Subresource =>
  subresources[`${kind}/${name}`] ?? subresources[name] ?? ofObject;
