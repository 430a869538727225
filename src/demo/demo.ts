/**
 * The demo cluster: the homelab of this handbook without the homelab, in this process, on loopback.
 *
 * It is an API server, and the gateway that the API server's objects describe. What is wrong with it is a list of changes.
 */
import { createCertificateAuthority } from './certificates.ts';
import { startGateway, type Dial } from './gateway.ts';
import { loadLogs } from './logs.ts';
import { loadObjects, mergeDocuments, applyChanges, type Change, type KubernetesObject } from './objects.ts';
import { createUsers, type PolicyRule, type UserName } from './rbac.ts';
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
  /** Leads connections to the demo's tailnet addresses to its gateway. */
  dial: Dial;
  /** Changes objects while the demo runs; watches hear of it. */
  change: (changes: readonly Change[]) => void;
  /** How many requests the API server has had. */
  requests: () => number;
  close: () => Promise<void>;
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { scenario, now = new Date(), port = 0, objects = [], readerRules = [] } = options;
  const all = objects.length === 0 ? loadObjects() : mergeDocuments([...loadObjects(), ...objects]);
  const state = new State(applyChanges(all, scenario?.changes ?? []), loadLogs(now, scenario?.logs), now);

  const authority = createCertificateAuthority('demo cluster CA');
  const users = createUsers(readerRules);
  const serving = authority.issue({ commonName: 'demo API server', names: ['localhost', '127.0.0.1'] });
  const [api, gateway] = await Promise.all([
    startApiServer(state, Object.values(users), serving, port),
    startGateway(state),
  ]);
  const server = `https://127.0.0.1:${api.port}`;
  return {
    server,
    kubeconfig: (user = 'admin') => kubeconfig(server, authority.cert, user, users[user].token ?? ''),
    dial: gateway.dial,
    change: (changes) => state.change(changes),
    requests: api.requests,
    close: async () => {
      await Promise.all([api.close(), gateway.close()]);
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
