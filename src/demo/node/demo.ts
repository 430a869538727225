/**
 * The demo cluster: the homelab of this handbook without the homelab, in this process, on loopback.
 *
 * It is an API server, and the gateway that the API server's objects describe. What is wrong with it is a list of changes.
 */
import { createExec } from '../../../packages/apiserver/node/exec.ts';
import { programsOf } from '../exec/programs.ts';
import { startGateway, type Dial } from './gateway.ts';
import { controllers } from '../controllers/index.ts';
import { namespaces, rootCertificate } from '../../../packages/apiserver/controllers/namespaces.ts';
import { keepTrue } from '../../../packages/apiserver/controllers/loop.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { PolicyRule } from '../../../packages/apiserver/access/rbac.ts';
import { createUsers, type UserName } from '../users.ts';
import { startResolvers } from './resolver.ts';
import { bringAbout } from './scenario.ts';
import type { Scenario } from '../scenario.ts';
import { kubeconfig } from '../../../packages/apiserver/node/kubeconfig.ts';
import { startApiServer } from '../../../packages/apiserver/node/server.ts';
import { createTrouble, type TroubleKind } from '../../../packages/apiserver/node/trouble.ts';
import type { WorldChange } from '../world.ts';

export type { Change } from '../../../packages/apiserver/state/changes.ts';
export type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
export type { UserName } from '../users.ts';

export interface DemoOptions {
  /** What is wrong; nothing when left out. */
  scenario?: Scenario;
  /** The demo's time at the start. */
  now?: Date;
  /** The API server's port; any free one when left out. */
  port?: number;
  /** Objects to serve besides the demo's own, or merged into them. */
  objects?: readonly KubernetesObject[];
  /** What the user `reader` may do; nothing but discovery when left out. */
  readerRules?: readonly PolicyRule[];
  /** Trouble on the way to the API server; none when left out. */
  trouble?: TroubleKind;
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
  /** Changes what lies outside the cluster. */
  changeWorld: (change: WorldChange) => void;
  /** Puts right what a change of the outside world did. */
  mendWorld: (change: WorldChange) => void;
  /** Makes trouble on the way to the API server from now on, or ends it. */
  trouble: (kind: TroubleKind | null) => Promise<void>;
  /** How often something has changed, in the cluster or around it; Events, which only tell of it, do not count. */
  changes: () => number;
  /** How many requests the API server has had. */
  requests: () => number;
  close: () => Promise<void>;
}

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { scenario = { changes: [] }, now = new Date(), port = 0, objects = [], readerRules = [] } = options;
  // Loaded while the objects are read from disk.
  const certificates = import('../../../packages/apiserver/node/certificates.ts');
  const { state, world, cluster } = bringAbout(scenario, { now, objects });

  const { createCertificateAuthority } = await certificates;
  const authority = await createCertificateAuthority('demo cluster CA');
  cluster.memory.set(rootCertificate, authority.cert);
  namespaces(cluster);
  const users = createUsers(readerRules);
  const subject = { commonName: 'demo API server', names: ['localhost', '127.0.0.1'] };
  const serving = await authority.issue(subject);
  const trouble = createTrouble({
    kind: options.trouble ?? null,
    serving,
    issue: async ({ foreign, ...validity }) =>
      // Of the same name, so that only the signature tells.
      (foreign ? await createCertificateAuthority('demo cluster CA') : authority).issue({ ...subject, ...validity }),
  });
  const [api, resolvers] = await Promise.all([
    startApiServer(state, Object.values(users), serving, {
      port,
      trouble,
      exec: createExec({ state, programs: programsOf(state, world), called: 'the demo cluster' }),
    }),
    startResolvers(state, world),
  ]);
  const gateway = await startGateway(state, world, resolvers.ports);
  let changes = 0;
  state.watch(({ object }) => (changes += object.kind === 'Event' ? 0 : 1));
  world.watch(() => (changes += 1));
  const stopControllers = keepTrue(cluster, controllers, (problem) => console.error(`demo cluster: ${problem}`));
  const server = `https://127.0.0.1:${api.port}`;
  return {
    server,
    kubeconfig: (user = 'admin') =>
      kubeconfig({ name: 'demo', server, ca: authority.cert, user, token: users[user].token ?? '' }),
    dial: gateway.dial,
    systemResolver: { host: '127.0.0.1', port: resolvers.ports.public },
    change: (changes) => state.change(changes),
    changeWorld: (change) => world.change(change),
    mendWorld: (change) => world.mend(change),
    trouble: async (kind) => {
      await trouble.set(kind);
      changes += 1;
    },
    changes: () => changes,
    requests: api.requests,
    close: async () => {
      stopControllers();
      await Promise.all([api.close(), gateway.close(), resolvers.close()]);
    },
  };
}
