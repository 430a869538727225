/** From which Secrets the tailnet's listeners serve, and which Certificates fill them: resolved by reference. */
import { follow, referrers, relationAt, writtenFor, type Reference } from '../../src/kinds/references.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional } from '../../src/runbook/read.ts';
import { once } from '../../src/runbook/told.ts';
import { certificates, topologyReads } from './reads.ts';
import { isOf, secretNamed } from './references.ts';
import { envoyGateways, tailnetGateways, type ResolvedGateway, type Topology } from './topology.ts';

type Certificate = KubeObject<'Certificate'>;
type Listener = ResolvedGateway['gateway']['spec']['listeners'][number];

/** What it takes to know which Certificates the tailnet's listeners serve. */
export const listenerReads = {
  ...topologyReads,
  certificates: optional(certificates),
};

type ListenerValues = Topology & { certificates: readonly Certificate[] };

export interface ListenerSecret {
  gateway: ResolvedGateway['gateway'];
  listener: Listener;
  reference: Reference;
  namespace: string;
  name: string;
  /** The Certificates that write this Secret; none when something else does. */
  writers: readonly Certificate[];
}

const certificateRefs = relationAt('Gateway', 'spec.listeners[].tls.certificateRefs[]');

/** The Secrets from which the tailnet's listeners serve, with the Certificates that fill them. */
export const listenerSecrets = (values: ListenerValues): readonly ListenerSecret[] =>
  secretsOf(tailnetGateways(values), values);

/** The same of every Gateway of Envoy Gateway, whether it is on the tailnet or not. */
export const envoyListenerSecrets = (values: ListenerValues): readonly ListenerSecret[] =>
  secretsOf(envoyGateways(values), values);

function secretsOf(gateways: readonly ResolvedGateway[], values: ListenerValues): readonly ListenerSecret[] {
  const writersOf = referrers(values.certificates, writtenFor);
  return gateways.flatMap(({ gateway }) =>
    follow(gateway, certificateRefs)
      .filter((reference) => isOf(reference, ['Secret']))
      .flatMap((reference) => {
        const listener = gateway.spec.listeners[Number(reference.path[2])];
        if (listener === undefined) return [];
        const { namespace, name } = reference;
        const writers = writersOf(secretNamed(reference)).map(({ by }) => by);
        return [{ gateway, listener, reference, namespace, name, writers }];
      }),
  );
}

/** The Certificates that the tailnet's listeners serve, each once. All others are nobody's business here. */
export const servedCertificates = (values: ListenerValues): readonly Certificate[] =>
  once(listenerSecrets(values).flatMap(({ writers }) => writers));

/** The hostnames that a certificate is for. */
export const hostnamesOf = ({ spec }: Certificate): readonly string[] => [
  ...(spec.dnsNames ?? []),
  ...(spec.commonName === undefined ? [] : [spec.commonName]),
];
