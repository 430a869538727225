/**
 * An API server and what keeps its cluster true, in one call: certificates of its own, an admin with a token, and the controllers that
 * every cluster has. Whoever wants other parts puts them together as this file does.
 */
import { createAdmin, type User } from '../access/rbac.ts';
import { Cluster, type Controller } from '../controllers/cluster.ts';
import { standardControllers } from '../controllers/index.ts';
import { keepTrue, settle } from '../controllers/loop.ts';
import { rootCertificate } from '../controllers/namespaces.ts';
import type { Programs } from '../exec/program.ts';
import type { KubernetesObject } from '../objects/object.ts';
import { State, type StateOptions } from '../state/state.ts';
import { createCertificateAuthority } from './certificates.ts';
import { createExec } from './exec.ts';
import { kubeconfig } from './kubeconfig.ts';
import { startApiServer } from './server.ts';

export interface Options extends StateOptions {
  /** What the cluster holds at the start, CustomResourceDefinitions included. */
  objects?: readonly KubernetesObject[];
  /** Who has a token besides the admin. */
  users?: readonly User[];
  /** Those that every cluster has when left out; none for an API server and nothing else. */
  controllers?: readonly Controller[];
  /** What runs in containers when somebody asks for it; nothing when left out. */
  programs?: Programs;
  /** Any free one when left out. */
  port?: number;
}

export interface Started {
  /** `https://127.0.0.1:PORT` */
  server: string;
  /** For the admin, or for another of the users. */
  kubeconfig: (user?: string) => string;
  /** What the cluster holds: to look at, to change and to watch without a request. */
  state: State;
  close: () => Promise<void>;
}

export async function start({
  objects = [],
  users = [],
  controllers = standardControllers(),
  programs = () => undefined,
  port = 0,
  ...options
}: Options = {}): Promise<Started> {
  const authority = await createCertificateAuthority('API server CA');
  const serving = await authority.issue({ commonName: 'API server', names: ['localhost', '127.0.0.1'] });
  const state = new State(objects, options);
  const cluster = new Cluster(state);
  cluster.memory.set(rootCertificate, authority.cert);
  settle(cluster, controllers);
  const everybody = [createAdmin(), ...users];
  const api = await startApiServer(state, everybody, serving, { port, exec: createExec({ state, programs }) });
  const stop = keepTrue(cluster, controllers);
  const server = `https://127.0.0.1:${api.port}`;
  return {
    server,
    state,
    kubeconfig: (user = 'admin') => {
      const token = everybody.find(({ name }) => name === user)?.token;
      if (token === undefined) throw new Error(`Nobody called ${user} has a token.`);
      return kubeconfig({ name: 'apiserver', server, ca: authority.cert, user, token });
    },
    close: async () => {
      stop();
      await api.close();
    },
  };
}
