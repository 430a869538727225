/** Envoy: two handshakes that tell a client's fault from a listener's. */
import { defineCheck, pass, refOf, skip, unknown, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import {
  hostPort,
  follow,
  plain,
  type Answer,
  type Inputs,
  type TlsRead,
  type TlsResult,
} from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { certificateCovers, hostnameTakes } from '../../../src/formats/hostname.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { httpRoutes, topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
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

type Gateway = KubeObject<'Gateway'>;

/**
 * The hostname that a probe asks a Gateway for: the one that a run is about or the stack's app, if it is routed there, else the
 * first routed name without wildcard.
 */
function probeName(gateway: Gateway, routes: readonly KubeObject<'HTTPRoute'>[], inputs: Inputs): string | undefined {
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

const firstHttpsPort = (gateway: Gateway): number =>
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

const showCertificates = sh`kubectl get certificate -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,SECRET:.spec.secretName,NAMES:.spec.dnsNames`;

/** A name that was asked for at a Gateway's address. */
interface Asked {
  gateway: Gateway;
  address: string;
  name: string;
}

type Completed = Extract<TlsResult, { outcome: 'completed' }>;

const findings = {
  wrongCertificate: finding<Asked & { served: Completed }>({
    headline: 'Envoy’s certificate for {name} does not cover it',
    means: 'Envoy takes the name, and answers with a certificate that is for others: clients refuse it.',
    message: ({ name, served }) =>
      `Envoy answers for ${name} with a certificate that does not cover it, but ${served.names.join(', ')}.`,
    evidence: ({ gateway, address, name, served }) => [
      {
        object: refOf(gateway),
        path: `certificate served at ${address} for ${name}`,
        observed: [...served.names],
        expected: name,
      },
    ],
    remedies: () => [
      {
        title: 'Let the listener name the Secret of a Certificate for this name.',
        commands: [
          showCertificates,
          sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners[*].tls.certificateRefs}'`,
        ],
        disturbs: 'Nothing: reading only.',
      },
      {
        title: 'Add the name to the dnsNames of the Certificate that the listener serves.',
        commands: [showCertificates],
        disturbs: 'Nothing: reading only.',
      },
    ],
  }),
  refused: finding<Asked & { error: string }>({
    headline: 'Envoy ends the TLS handshake for {name}',
    means: 'Envoy closes the connection although the client names the host: no listener takes the name.',
    message: ({ address, name }) =>
      `${address} ends the handshake even when the client names ${name}: no listener answers for that name.`,
    evidence: ({ gateway, address, name, error }) => [
      {
        object: refOf(gateway),
        path: `TLS handshake with ${address} for ${name}, seen from this machine`,
        observed: error,
        expected: 'completed',
      },
    ],
    remedies: () => [
      {
        title: 'Look at the listeners’ hostnames and conditions: Envoy has no filter chain for the name.',
        commands: [sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.listeners}'`],
        disturbs: 'Nothing: reading only.',
      },
    ],
  }),
};

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
  findings,
  judge(values, { find }) {
    const tried = values.handshakes.flatMap((named) => {
      const gateway = gatewayAt(values, named.read.host);
      if (gateway === undefined || named.read.servername === foreignName) return [];
      return [{ named, gateway, foreign: foreignTo(named, values.handshakes) }];
    });
    if (tried.length === 0) return skip('No Gateway has both a tailnet address and a routed hostname to try.');
    return tried.map((one) => seenFromTailnet(values.proof, values, judgeHandshake(one, find)));
  },
});

type Handshake = Answer<TlsRead>;

const gatewayAt = (values: Topology, host: string): Gateway | undefined =>
  tailnetGateways(values).find(({ services }) =>
    services.some((service) => tailscaleProxy.tailnetAddress(service) === host),
  )?.gateway;

/** The handshake with the same address for a name that no listener takes. */
const foreignTo = ({ read: { host } }: Handshake, all: readonly Handshake[]): Handshake | undefined =>
  all.find(({ read }) => read.servername === foreignName && read.host === host);

function judgeHandshake(
  { named: { read, fact }, gateway, foreign }: { named: Handshake; gateway: Gateway; foreign: Handshake | undefined },
  find: Find<typeof findings>,
): Judgement {
  if (!fact.ok) return unknown(fact.problem.message, fact.problem);
  const result = fact.value;
  const asked = { gateway, address: hostPort(read.host, read.port), name: read.servername ?? '' };
  switch (result.outcome) {
    case 'no-connection':
      return unknown(
        `${asked.address} did not take a connection from this machine (${result.reason}): it may not be on the tailnet (tailscale status tells), so no handshake could be tried.`,
      );
    case 'completed':
      return result.names.some((covered) => certificateCovers(covered, asked.name))
        ? pass(completed(asked, result, foreign))
        : find.wrongCertificate({ ...asked, served: result });
    default:
      return find.refused({ ...asked, error: result.error });
  }
}

function completed({ address, name }: Asked, { issuer, names }: Completed, foreign: Handshake | undefined): string {
  const isClosed = foreign?.fact.ok && foreign.fact.value.outcome === 'closed';
  const closed = isClosed
    ? ' For a name that no listener takes, it closes the connection, as it does without any name.'
    : '';
  return `${address} completes the handshake for ${name}; its certificate, by ${issuer}, covers ${names.join(', ')}.${closed}`;
}
