/**
 * The demo cluster: the homelab of this handbook without the homelab, in this process, on loopback.
 *
 * It is an API server, and the gateway that the API server's objects describe. What is wrong with it is a list of changes.
 */
import { startGateway, type Dial } from './gateway.ts';
import { loadLogs } from './logs.ts';
import { loadObjects, mergeDocuments, applyChanges, type Change, type KubernetesObject } from './objects.ts';
import type { Network } from './network.ts';
import { createUsers, type PolicyRule, type UserName } from './rbac.ts';
import { startResolvers } from './resolver.ts';
import { startApiServer } from './server.ts';
import { State } from './state.ts';

export type { Change, KubernetesObject } from './objects.ts';
export type { Dial } from './gateway.ts';
export type { PolicyRule, UserName } from './rbac.ts';

export interface DemoOptions {
  /** What is wrong; nothing when left out. */
  scenario?: {
    changes: readonly Change[];
    /** Logs in place of the demo's own, by `<namespace>_<pod>_<container>`. */
    logs?: Readonly<Record<string, string>>;
    /** What is wrong outside the cluster. */
    network?: Network;
  };
  /** The demo's time at the start. */
  now?: Date;
  /** The API server's port; any free one when left out. */
  port?: number;
  /** Objects to serve besides the demo's own, or merged into them. */
  objects?: readonly KubernetesObject[];
  /** What the user `reader` may do; nothing but discovery when left out. */
  readerRules?: readonly PolicyRule[];
}

export interface Demo {
  /** `https://127.0.0.1:PORT` */
  server: string;
  /** A kubeconfig with the one context `demo`, complete in itself. */
  kubeconfig: (user?: UserName) => string;
  /** Leads connections to the demo's tailnet addresses to its gateway, and questions to its resolvers. */
  dial: Dial;
  /** Public DNS, for whoever is to take the demo's world for the real one. */
  systemResolver: { host: string; port: number };
  /** Changes objects while the demo runs; watches hear of it. */
  change: (changes: readonly Change[]) => void;
  /** How many requests the API server has had. */
  requests: () => number;
  close: () => Promise<void>;
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { scenario, now = new Date(), port = 0, objects = [], readerRules = [] } = options;
  // Loaded while the objects are read from disk.
  const certificates = import('./certificates.ts');
  const all = objects.length === 0 ? loadObjects() : mergeDocuments([...loadObjects(), ...objects]);
  const state = new State(applyChanges(all, scenario?.changes ?? []), loadLogs(now, scenario?.logs), now);

  const { createCertificateAuthority } = await certificates;
  const authority = await createCertificateAuthority('demo cluster CA');
  const users = createUsers(readerRules);
  const serving = await authority.issue({ commonName: 'demo API server', names: ['localhost', '127.0.0.1'] });
  const network = scenario?.network ?? {};
  const [api, resolvers] = await Promise.all([
    startApiServer(state, Object.values(users), serving, port),
    startResolvers(state, network),
  ]);
  const gateway = await startGateway(state, network, resolvers.ports);
  const server = `https://127.0.0.1:${api.port}`;
  return {
    server,
    kubeconfig: (user = 'admin') => kubeconfig(server, authority.cert, user, users[user].token ?? ''),
    dial: gateway.dial,
    systemResolver: { host: '127.0.0.1', port: resolvers.ports.public },
    change: (changes) => state.change(changes),
    requests: api.requests,
    close: async () => {
      await Promise.all([api.close(), gateway.close(), resolvers.close()]);
    },
  };
}

const kubeconfig = (server: string, ca: string, user: UserName, token: string): string => `apiVersion: v1
kind: Config
clusters:
  - name: demo
    cluster:
      server: ${server}
      certificate-authority-data: ${Buffer.from(ca).toString('base64')}
users:
  - name: ${user}
    user:
      token: ${token}
contexts:
  - name: demo
    context:
      cluster: demo
      user: ${user}
current-context: demo
`;
