/** From which Secrets the tailnet's listeners serve, and which Certificates fill them: resolved by reference. */
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional } from '../../src/runbook/read.ts';
import { certificates, topologyReads } from './reads.ts';
import { tailnetGateways, type TailnetGateway, type Topology } from './topology.ts';

type Certificate = KubeObject<'Certificate'>;
type Listener = TailnetGateway['gateway']['spec']['listeners'][number];

/** What it takes to know which Certificates the tailnet's listeners serve. */
export const listenerReads = {
  ...topologyReads,
  certificates: optional(certificates),
};

type ListenerValues = Topology & { certificates: readonly Certificate[] };

export interface ListenerSecret {
  gateway: TailnetGateway['gateway'];
  listener: Listener;
  /** Where the Gateway refers to it: `spec.listeners[0].tls.certificateRefs[0]`. */
  path: string;
  namespace: string;
  name: string;
  /** The Certificates that write this Secret; none when something else does. */
  writers: readonly Certificate[];
}

/** The Secrets from which the tailnet's listeners serve, with the Certificates that fill them. */
export const listenerSecrets = (values: ListenerValues): readonly ListenerSecret[] =>
  tailnetGateways(values).flatMap(({ gateway }) =>
    gateway.spec.listeners.flatMap((listener, at) =>
      (listener.tls?.certificateRefs ?? [])
        .map((ref, index) => ({ ...ref, path: `spec.listeners[${at}].tls.certificateRefs[${index}]` }))
        .filter((ref) => (ref.kind ?? 'Secret') === 'Secret' && (ref.group ?? '') === '')
        .map((ref) => {
          const namespace = ref.namespace ?? gateway.metadata.namespace ?? '';
          const writers = values.certificates.filter(
            (one) => one.metadata.namespace === namespace && one.spec.secretName === ref.name,
          );
          return { gateway, listener, path: ref.path, namespace, name: ref.name, writers };
        }),
    ),
  );

/** The Certificates that the tailnet's listeners serve, each once. All others are nobody's business here. */
export const servedCertificates = (values: ListenerValues): readonly Certificate[] => [
  ...new Set(listenerSecrets(values).flatMap(({ writers }) => writers)),
];

/** How conditions and evidence name a listener's references. */
export const refsOf = ({ listener }: ListenerSecret): string =>
  `spec.listeners[?(@.name=="${listener.name}")].tls.certificateRefs[*]`;

/** The hostnames that a certificate is for. */
export const hostnamesOf = ({ spec }: Certificate): readonly string[] => [
  ...(spec.dnsNames ?? []),
  ...(spec.commonName === undefined ? [] : [spec.commonName]),
];
