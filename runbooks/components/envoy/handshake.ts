/** Envoy: two handshakes that tell a client's fault from a listener's. */
import { defineCheck, fail, pass, refOf, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { hostPort, follow, plain, type Inputs, type TlsRead } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { certificateCovers, hostnameTakes } from '../../../src/formats/hostname.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { httpRoutes, topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed, tailnetGateways, type Topology } from '../../models/topology.ts';
import * as certificate from '../certificate/certificate.ts';
import { coversRoutes } from '../certificate/names.ts';
import { mayBeReferenced } from '../certificate/reference.ts';
import * as cilium from '../cilium/cilium.ts';
import * as envoy from './envoy.ts';
import { foreignName } from './envoy.ts';
import * as gateway from '../gateway/gateway.ts';
import { servesCertificate } from '../gateway/certificate.ts';
import * as managedService from '../managed-service/managed-service.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

/**
 * The hostname that a probe asks a Gateway for: the one that a run is about or the stack's app, if it is routed there, else the
 * first routed name without wildcard.
 */
function probeName(
  gateway: KubeObject<'Gateway'>,
  routes: readonly KubeObject<'HTTPRoute'>[],
  inputs: Inputs,
): string | undefined {
  const names = routes
    .filter((route) =>
      route.spec.parentRefs?.some((parent) =>
        isNamed(gateway, { namespace: parent.namespace ?? route.metadata.namespace ?? '', name: parent.name }),
      ),
    )
    .flatMap((route) => route.spec.hostnames ?? [])
    .filter(
      (name) =>
        !name.startsWith('*') &&
        gateway.spec.listeners.some(({ protocol, hostname }) => protocol === 'HTTPS' && hostnameTakes(hostname, name)),
    );
  return (
    names.find((name) => name === inputs['hostname']) ?? names.find((name) => name === stack.app.hostname) ?? names[0]
  );
}

const firstHttpsPort = (gateway: KubeObject<'Gateway'>): number =>
  gateway.spec.listeners.find((listener) => listener.protocol === 'HTTPS')?.port ?? 443;

const handshakes = follow(
  { ...topologyReads, routes: plain(httpRoutes) },
  (values: Topology & { routes: KubeObject<'HTTPRoute'>[] }, inputs: Inputs): readonly TlsRead[] =>
    tailnetGateways(values).flatMap(({ gateway, services }) => {
      const name = probeName(gateway, values.routes, inputs);
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
    command: sh`openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -servername ${stack.app.hostname} </dev/null`,
    probes: true,
  },
);

export const completesHandshake = defineCheck({
  id: 'envoy/completes-handshake',
  title: 'A client that names the host completes the TLS handshake',
  why: 'Two handshakes with one address tell the fault apart: with its name it works; without one, or with a foreign one, Envoy closes the connection.',
  needs: [
    cilium.replacesIt,
    cilium.hostNamespaceOnly,
    cilium.agentsRestarted,
    managedService.hasAddress,
    tailscaleProxy.forwardsToService,
    envoy.ready,
    certificate.ready,
    mayBeReferenced,
    servesCertificate,
    coversRoutes,
    gateway.listenersReady,
  ],
  reads: { ...topologyReads, handshakes, proof },
  commands: [
    sh`openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -servername ${stack.app.hostname} </dev/null`,
    sh`openssl s_client -connect ${stack.device.name}.${stack.tailnet}:443 -noservername </dev/null`,
  ],
  judge(values) {
    if (values.handshakes.length === 0)
      return skip('No Gateway has both a tailnet address and a routed hostname to try.');
    return values.handshakes
      .filter(({ read }) => read.servername !== foreignName)
      .map((handshake) => seenFromTailnet(values.proof, values, judgeHandshake(handshake)));

    function judgeHandshake({ read, fact }: (typeof values.handshakes)[number]): Judgement {
      const without = values.handshakes.find(
        (other) => other.read.servername === foreignName && other.read.host === read.host,
      )?.fact;
      if (!fact.ok) return unknown(fact.problem.message, fact.problem);
      const result = fact.value;
      const name = read.servername ?? '';
      const address = hostPort(read.host, read.port);
      const gateway = tailnetGateways(values).find(({ services }) =>
        services.some((service) => tailscaleProxy.tailnetAddress(service) === read.host),
      )?.gateway;
      const object = gateway === undefined ? { apiVersion: 'v1', kind: 'Service', name: read.host } : refOf(gateway);
      if (result.outcome === 'no-connection') {
        return unknown(
          `${address} did not take a connection from this machine (${result.reason}): it may not be on the tailnet (tailscale status tells), so no handshake could be tried.`,
        );
      }
      if (result.outcome === 'completed') {
        if (!result.names.some((covered) => certificateCovers(covered, name))) {
          return fail({
            message: `Envoy answers for ${name} with a certificate that does not cover it, but ${result.names.join(', ')}.`,
            evidence: [
              {
                object,
                path: `certificate served at ${address} for ${name}`,
                observed: [...result.names],
                expected: name,
              },
            ],
            remedy: {
              title:
                'Let the listener name the Secret of a Certificate for this name, or add the name to its dnsNames.',
              commands: [
                sh`kubectl get certificate -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,SECRET:.spec.secretName,NAMES:.spec.dnsNames`,
                sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].tls.certificateRefs}'`,
              ],
              disturbs: 'Nothing: reading only.',
            },
          });
        }
        const closed =
          without?.ok && without.value.outcome === 'closed'
            ? ' For a name that no listener takes, it closes the connection, as it does without any name.'
            : '';
        return pass(
          `${address} completes the handshake for ${name}; its certificate, by ${result.issuer}, covers ${result.names.join(', ')}.${closed}`,
        );
      }
      return fail({
        message: `${address} ends the handshake even when the client names ${name}: no listener answers for that name.`,
        evidence: [
          {
            object,
            path: `TLS handshake with ${address} for ${name}, seen from this machine`,
            observed: result.error,
            expected: 'completed',
          },
        ],
        remedy: {
          title: 'Envoy has no filter chain for the name: look at the listeners’ hostnames and conditions.',
          commands: [sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners}'`],
          disturbs: 'Nothing: reading only.',
        },
      });
    }
  },
});
