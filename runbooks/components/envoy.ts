/** Envoy: the data plane, made and configured by Envoy Gateway for each Gateway. */
import { defineCheck, fail, pass, refOf, skip, unknown, type Judgement } from '../../src/runbook/check.ts';
import { follow, plain, raw, type TlsRead } from '../../src/runbook/read.ts';
import { certificateCovers, hostnameTakes } from '../hostnames.ts';
import {
  daemonSets,
  deployments,
  envoyProxies,
  gatewayClasses,
  gateways,
  httpRoutes,
  pods,
  services,
} from '../reads.ts';
import { stack } from '../stack.ts';
import { isManagedFor, isNamed, tailnetGateways, type Topology } from '../topology.ts';
import { isReady, judgeWorkload } from '../workloads.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import * as cilium from './cilium.ts';
import * as envoyGateway from './envoy-gateway.ts';
import * as gatewayclass from './gatewayclass.ts';
import * as managedService from './managed-service.ts';
import * as tailscaleProxy from './tailscale-proxy.ts';

const topology = {
  gateways: plain(gateways),
  gatewayClasses: plain(gatewayClasses),
  envoyProxies: plain(envoyProxies),
  services: plain(services),
};

const envoyPods =
  'kubectl get deployment,daemonset,pod -A -l app.kubernetes.io/managed-by=envoy-gateway,app.kubernetes.io/component=proxy';

export const ready = defineCheck({
  id: 'envoy/ready',
  title: 'Envoy is running',
  component: 'envoy',
  why: 'It terminates TLS and routes; without a replica the Gateway has nothing behind its address.',
  needs: [envoyGateway.ready, gatewayclass.exists, gatewayclass.accepted],
  reads: { ...topology, deployments: plain(deployments), daemonSets: plain(daemonSets), pods: raw(pods) },
  commands: [envoyPods],
  judge(values) {
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway to run an Envoy for.');
    return found.map(({ gateway }): Judgement => {
      const workloads = [...values.deployments, ...values.daemonSets].filter((workload) =>
        isManagedFor(workload, gateway),
      );
      const [workload] = workloads;
      if (workload === undefined) {
        const pods = values.pods.ok
          ? values.pods.value.filter((pod) => isManagedFor(pod, gateway) && isReady(pod))
          : [];
        if (pods.length > 0)
          return pass(
            `${pods.length} pod${pods.length > 1 ? 's' : ''} labelled as Gateway ${gateway.metadata.name}’s own ${pods.length > 1 ? 'are' : 'is'} ready.`,
          );
        return fail({
          message: `No Deployment or DaemonSet is labelled as Gateway ${gateway.metadata.namespace}/${gateway.metadata.name}’s own: Envoy Gateway runs no Envoy for it.`,
          evidence: [
            {
              object: refOf(gateway),
              path: 'the Deployment labelled gateway.envoyproxy.io/owning-gateway-name',
              observed: 'not found',
              expected: `one in ${stack.envoyGateway.namespace}`,
            },
          ],
          commands: [envoyPods],
          remedy: {
            summary:
              'Envoy Gateway makes it again when it next looks at the Gateway; its log says what keeps it from that.',
            commands: [
              `kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
              `kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
            ],
            disturbs: 'Nothing: the controller restarts, Envoys that run keep serving.',
          },
        });
      }
      const judged = judgeWorkload(workload, values.pods, 'Connections that this Envoy holds break and are made anew.');
      // An Envoy that was made and does not come up has its own reason.
      return judged.outcome === 'failed' ? { ...judged, explainedBy: [] } : judged;
    });
  },
});

/** The hostname that a probe asks a Gateway for: the stack's app if it is routed there, else the first routed name without wildcard. */
function probeName(gateway: KubeObject<'Gateway'>, routes: readonly KubeObject<'HTTPRoute'>[]): string | undefined {
  const names = routes
    .filter((route) =>
      route.spec.parentRefs?.some((parent) =>
        isNamed(gateway, { namespace: parent.namespace ?? route.metadata.namespace ?? '', name: parent.name }),
      ),
    )
    .flatMap((route) => route.spec.hostnames ?? [])
    .filter(
      (name) =>
        !name.startsWith('*') && gateway.spec.listeners.some((listener) => hostnameTakes(listener.hostname, name)),
    );
  return names.find((name) => name === stack.app.hostname) ?? names[0];
}

const firstHttpsPort = (gateway: KubeObject<'Gateway'>): number =>
  gateway.spec.listeners.find((listener) => listener.protocol === 'HTTPS')?.port ?? 443;

/**
 * Asked for in place of no name at all: Envoy treats both alike, and the access log then shows that this probe asked, not a
 * client that somebody would have to look for. The domain is reserved never to exist [RFC 2606].
 */
export const foreignName = 'runbook-probe.invalid';

const handshakes = follow(
  { ...topology, routes: plain(httpRoutes) },
  (values: Topology & { routes: KubeObject<'HTTPRoute'>[] }): readonly TlsRead[] =>
    tailnetGateways(values).flatMap(({ gateway, services }) => {
      const name = probeName(gateway, values.routes);
      const host = services.map(tailscaleProxy.tailnetAddress).find((address) => address !== undefined);
      if (name === undefined || host === undefined) return [];
      const port = firstHttpsPort(gateway);
      return [
        { type: 'tls', host, port, servername: name, why: 'whether a client that names the host gets a certificate' },
        { type: 'tls', host, port, servername: foreignName, why: 'whether a name that no listener takes is refused' },
      ] as const;
    }),
  {
    why: 'whether the same address answers for its own name and for a foreign one',
    command: `openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -servername ${stack.app.hostname} </dev/null`,
    probes: true,
  },
);

export const completesHandshake = defineCheck({
  id: 'envoy/completes-handshake',
  title: 'A client that names the host completes the TLS handshake',
  component: 'envoy',
  why: 'Two handshakes with one address tell the fault apart: with its name it works; without one, or with a foreign one, Envoy closes the connection.',
  needs: [
    cilium.hostNamespaceOnly,
    cilium.agentsRestarted,
    managedService.hasAddress,
    tailscaleProxy.forwardsToService,
    ready,
  ],
  reads: { ...topology, handshakes },
  commands: [
    `openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -servername ${stack.app.hostname} </dev/null`,
    `openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -noservername </dev/null`,
  ],
  judge(values) {
    if (values.handshakes.length === 0)
      return skip('No Gateway has both a tailnet address and a routed hostname to try.');
    return values.handshakes
      .filter(({ read }) => read.servername !== foreignName)
      .map(({ read, fact }): Judgement => {
        const without = values.handshakes.find(
          (other) => other.read.servername === foreignName && other.read.host === read.host,
        )?.fact;
        if (!fact.ok) return unknown(fact.problem.message, fact.problem);
        const result = fact.value;
        const name = read.servername ?? '';
        const place = `${read.host}:${read.port}`;
        const gateway = tailnetGateways(values).find(({ services }) =>
          services.some((service) => tailscaleProxy.tailnetAddress(service) === read.host),
        )?.gateway;
        const object = gateway === undefined ? { apiVersion: 'v1', kind: 'Service', name: read.host } : refOf(gateway);
        if (result.outcome === 'no-connection') {
          return unknown(
            `${place} did not take a connection from this machine (${result.reason}): it may not be on the tailnet (tailscale status tells), so no handshake could be tried.`,
          );
        }
        if (result.outcome === 'completed') {
          if (!result.names.some((covered) => certificateCovers(covered, name))) {
            return fail({
              message: `Envoy answers for ${name} with a certificate that does not cover it, but ${result.names.join(', ')}.`,
              evidence: [
                {
                  object,
                  path: `certificate served at ${place} for ${name}`,
                  observed: [...result.names],
                  expected: name,
                },
              ],
            });
          }
          const closed =
            without?.ok && without.value.outcome === 'closed'
              ? ' For a name that no listener takes, it closes the connection, as it does without any name.'
              : '';
          return pass(
            `${place} completes the handshake for ${name}; its certificate, by ${result.issuer}, covers ${result.names.join(', ')}.${closed}`,
          );
        }
        return fail({
          message: `${place} ends the handshake even when the client names ${name}: no listener answers for that name.`,
          evidence: [
            {
              object,
              path: `TLS handshake with ${place} for ${name}, seen from this machine`,
              observed: result.error,
              expected: 'completed',
            },
          ],
          remedy: {
            summary: 'Envoy has no filter chain for the name: look at the listeners’ hostnames and conditions.',
            commands: [
              `kubectl get gateway -n ${stack.gateway.namespace} ${stack.gateway.name} -o jsonpath='{.spec.listeners}'`,
            ],
            disturbs: 'Nothing: reading only.',
          },
        });
      });
  },
});
