/** The apps of the stack file, each as its manifests would deploy it. */
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';
import type { App, Stack } from '../../../../runbooks/stack-type.ts';
import { ifThere, partOf } from '../../part.ts';
import { guardedNamespace, named, observed } from '../build/basics.ts';
import { service, servicePort } from '../build/services.ts';
import { deployment } from '../build/workloads.ts';
import { prefix } from '../external-dns.ts';
import { parentRef } from '../gateway.ts';
import { besideOf } from './beside.ts';
import { programOf } from './programs.ts';

interface Routed {
  namespace: string;
  name: string;
  hostname: string;
  exposed: boolean;
  backend: { name: string; port: number };
}

/** A route that Envoy Gateway has accepted. */
const route = (stack: Stack, { namespace, name, hostname, exposed, backend }: Routed): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: {
    name,
    namespace,
    ...(exposed && stack.externalDns !== null ? { annotations: { [`${prefix}expose`]: 'true' } } : {}),
  },
  spec: {
    parentRefs: [parentRef(stack, hostname)],
    hostnames: [hostname],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        backendRefs: [{ group: '', kind: 'Service', ...backend, weight: 1 }],
      },
    ],
  },
  status: {
    parents: [
      {
        controllerName: stack.envoyGateway.controllerName,
        parentRef: parentRef(stack, hostname),
        conditions: [
          observed('Accepted', '30d', 'Accepted', 'Route is accepted'),
          observed('ResolvedRefs', '30d', 'ResolvedRefs', 'Resolved all the Object references for the Route'),
        ],
      },
    ],
  },
});

const vaultRoute = (stack: Stack): readonly KubernetesObject[] => {
  const { namespace, hostname, service: name, port } = partOf(stack, 'vault');
  return [route(stack, { namespace, name: 'vault', hostname, exposed: true, backend: { name, port } })];
};

/** Every route: those of the apps, and Vault's. */
const routes = (stack: Stack): readonly KubernetesObject[] => [
  ...stack.apps.map((app) => route(stack, { ...app, backend: { name: app.name, port: app.port } })),
  ...ifThere(stack, 'vault', vaultRoute),
];

/** The hostname of each. */
export const routedHostnames = ({ apps, vault }: Stack): readonly string[] =>
  [...apps, ...(vault === null ? [] : [vault])].map(({ hostname }) => hostname);

/** Addresses of an app's pods: each app has a few of its own. */
const addresses = (index: number, count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, pod) => `10.0.${Math.floor(index / 20)}.${82 + 2 * (index % 20) - (count - 1) + pod}`,
  );

function deploy(app: App, stack: Stack, index: number): readonly KubernetesObject[] {
  const { namespace, name, port, containerPort } = app;
  const program = programOf(app, stack);
  const { replicas, strategy, podSpec, started, hash, suffixes, slice } = program;
  const labels = named(name);
  const { objects, pods } = deployment(
    stack.node,
    {
      namespace,
      name,
      labels,
      spec: {
        replicas,
        ...(strategy === undefined ? {} : { strategy }),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec },
      },
    },
    {
      made: '60d',
      started,
      ips: addresses(index, replicas),
      ...(hash === undefined ? {} : { hash }),
      ...(suffixes === undefined ? {} : { suffixes }),
    },
  );
  return [
    guardedNamespace(namespace, '60d', program.standard),
    ...(program.hasAccount === true
      ? [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }]
      : []),
    ...besideOf(app, stack),
    ...objects,
    ...service({
      namespace,
      name,
      made: '60d',
      labels,
      clusterIP: `10.102.${80 + Math.floor(index / 20)}.${10 * ((index % 20) + 1)}`,
      spec: { selector: labels, ports: [servicePort('http', port, containerPort)] },
      pods,
      ...(slice === undefined ? {} : { suffix: slice }),
    }),
  ];
}

export const apps = (stack: Stack): readonly KubernetesObject[] => [
  ...stack.apps.flatMap((app, index) => deploy(app, stack, index)),
  ...routes(stack),
];
