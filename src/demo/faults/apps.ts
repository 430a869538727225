/** Faults of an app: its route, its Service, its pods. */
import { list, text, type Fields } from '../../../packages/apiserver/objects/fields.ts';
import { defineFault, type FaultOf } from '../fault.ts';
import { named } from '../objects/build/basics.ts';
import { parentRef } from '../objects/gateway.ts';
import { anyApp, gateway, anotherApp, merge, mergeContainer, placeOf, followedApp, wildcard } from './roles.ts';

/** What a Go program says of an argument that it does not know. */
const usage = (name: string): string => `flag provided but not defined: -session-timeout
Usage of /${name}/${name}-server:
  -in-cluster
    	Set when running from a k8s cluster
  -oidc-client-id string
    	ClientID for OIDC
  -session-ttl int
    	The time in seconds for the internal session to remain valid
`;

const argumentsOf = (container: Fields): readonly unknown[] => list(container, 'args');

export const appFaults: readonly FaultOf[] = [
  // A route for the bare domain, which no listener takes.
  defineFault({
    id: 'apex-hostname',
    title: 'A route wants the bare domain',
    component: 'httproute',
    runbook: 'missing-sni',
    rootCause: 'httproute/hostnames-are-served#not-taken',
    since: '15m',
    needs: { anyApp },
    cause: (cast, { domain }) => ({ changes: [merge(cast.anyApp.route, { spec: { hostnames: [domain] } })] }),
  }),
  // The listener's wildcard takes two labels, the certificate's only one: the route is accepted, and browsers refuse it.
  defineFault({
    id: 'hostname-too-deep',
    title: 'A routed hostname is deeper than the certificate’s wildcard',
    component: 'certificate',
    runbook: 'missing-sni',
    rootCause: 'certificate/covers-the-hostnames#too-deep',
    since: '40m',
    needs: { anotherApp, wildcard },
    cause: ({ anotherApp: { app, route } }) => ({
      changes: [merge(route, { spec: { hostnames: [app.hostname, `tv.${app.hostname}`] } })],
    }),
  }),
  // The parent's namespace got lost: it means the route's own then, where there is no Gateway, and nobody answers for it.
  defineFault({
    id: 'route-wrong-parent',
    title: 'The route hangs on a Gateway that does not exist',
    component: 'httproute',
    runbook: 'route-not-reachable',
    rootCause: 'httproute/names-a-gateway#namespace-left-out',
    since: '40m',
    needs: { anotherApp, gateway },
    cause: (cast, stack) => {
      const { namespace: _left, ...parent } = parentRef(stack, cast.anotherApp.app.hostname);
      return { changes: [merge(cast.anotherApp.route, { spec: { parentRefs: [parent] } })] };
    },
  }),
  // The route names the container's port; a backendRef wants the Service's.
  defineFault({
    id: 'backend-port-wrong',
    title: 'The route sends requests to a port that the Service does not have',
    component: 'httproute',
    runbook: 'route-not-reachable',
    rootCause: 'httproute/backend-ports-exist#container-port',
    since: '25m',
    needs: {
      followedApp: (healthy) => {
        const found = followedApp(healthy);
        return found?.app.port === found?.app.containerPort ? undefined : found;
      },
    },
    cause: ({ followedApp: { app, route } }) => ({
      changes: [
        merge(route, {
          spec: {
            rules: [
              {
                matches: [{ path: { type: 'PathPrefix', value: '/' } }],
                backendRefs: [{ group: '', kind: 'Service', name: app.name, port: app.containerPort, weight: 1 }],
              },
            ],
          },
        }),
      ],
    }),
  }),
  // One letter too few: the Service selects no pod any more, while the pod is as well as ever.
  defineFault({
    id: 'service-selector-typo',
    title: 'The Service’s selector matches no pod',
    component: 'app-service',
    runbook: 'route-not-reachable',
    rootCause: 'app-service/selects-pods#other-labels',
    since: '40m',
    needs: { anotherApp },
    cause: ({ anotherApp: { app, service, slice } }) => ({
      changes: [
        merge(service, { spec: { selector: named(`${app.name.slice(0, -2)}${app.name.slice(-1)}`) } }),
        merge(slice, { endpoints: [], ports: [] }),
      ],
    }),
  }),
  // A new argument that the app does not know: it ends as soon as it starts. The old pod was stopped first.
  defineFault({
    id: 'app-crash-loop',
    title: 'The app’s pod crashes in a loop',
    component: 'app-pod',
    runbook: 'route-not-reachable',
    rootCause: 'app-pod/ready#crash-loop',
    since: '22m',
    needs: { anyApp },
    cause: ({ anyApp: { app, deployment } }) => ({
      world: {
        programs: [
          {
            workload: placeOf(deployment),
            container: app.name,
            argument: '-session-timeout',
            exitCode: 2,
            log: usage(app.name),
          },
        ],
      },
      changes: [
        mergeContainer(
          deployment,
          (container) => ({ ...container, args: [...argumentsOf(container), '-session-timeout=24h'] }),
          { strategy: { type: 'Recreate', rollingUpdate: null } },
        ),
      ],
    }),
  }),
  // The app runs and does not say that it is ready: its media volume hangs, and the probe's request with it.
  defineFault({
    id: 'readiness-probe-failing',
    title: 'The app runs, and its readiness probe fails',
    component: 'app-pod',
    runbook: 'route-not-reachable',
    rootCause: 'app-pod/ready#not-ready',
    since: '14m',
    needs: { anotherApp },
    cause: ({ anotherApp: { app, deployment, pod } }) => {
      const [container] = list(pod, 'spec', 'containers');
      const path = text(container, 'readinessProbe', 'httpGet', 'path');
      const url = `http://${text(pod, 'status', 'podIP')}:${app.containerPort}${path}`;
      return {
        world: {
          programs: [
            {
              workload: placeOf(deployment),
              container: app.name,
              notReady: `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
            },
          ],
        },
        mend: 'Bring the disk back that holds the media.',
      };
    },
  }),
];
