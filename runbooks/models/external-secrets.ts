/** How ExternalSecrets belong to stores and to the Secrets that they write: pure. [External Secrets 0.9 to 1.2] */
import { follow, leadsTo, relationAt, writtenFor, type Reference } from '../../src/kinds/references.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import type { Quote } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { condition, saidIn, type Condition } from './conditions.ts';
import { stack } from '#stack';
import { partNames } from '../parts.ts';

export type ExternalSecret = KubeObject<'ExternalSecret'>;
export type Store = KubeObject<'ClusterSecretStore'> | KubeObject<'SecretStore'>;

const ownStore = relationAt('ExternalSecret', 'spec.secretStoreRef');
const entryStores = [
  relationAt('ExternalSecret', 'spec.data[].sourceRef.storeRef'),
  relationAt('ExternalSecret', 'spec.dataFrom[].sourceRef.storeRef'),
];

/**
 * The stores that an ExternalSecret reads from: its own, and those that single entries name instead. A reference without kind
 * means a SecretStore; a generator needs no store.
 */
export function storeRefs(secret: ExternalSecret): readonly Reference[] {
  const { data = [], dataFrom = [] } = secret.spec;
  const needsOwn = ({ sourceRef }: { sourceRef?: { storeRef?: unknown; generatorRef?: unknown } }): boolean =>
    sourceRef?.storeRef === undefined && sourceRef?.generatorRef === undefined;
  return [
    ...([...data, ...dataFrom].some(needsOwn) ? follow(secret, ownStore) : []),
    ...entryStores.flatMap((relation) => follow(secret, relation)),
  ];
}

export const storeOf = (reference: Reference, stores: readonly Store[]): Store | undefined =>
  stores.find((store) => leadsTo(reference, store));

/** The Secret that an ExternalSecret writes; it is called as the ExternalSecret itself unless the target says otherwise. */
export function targetOf(secret: ExternalSecret): { namespace: string; name: string } {
  const [{ namespace, name } = { namespace: '', name: secret.metadata.name }] = writtenFor(secret);
  return { namespace, name };
}

export const writes = (secret: ExternalSecret, wanted: { namespace: string; name: string }): boolean => {
  const target = targetOf(secret);
  return target.namespace === wanted.namespace && target.name === wanted.name;
};

export const readyOf = (object: ExternalSecret | Store): Condition | undefined =>
  condition(object.status?.conditions, 'Ready');

const involved = relationAt('Event', 'involvedObject');

/** The cause that External Secrets put into an Event, where the condition is generic; the newest, empty when there is none. */
export function causeOf(secret: ExternalSecret | Store, events: Fact<readonly KubeObject<'Event'>[]>): string {
  if (!events.ok) return '';
  const at = (event: KubeObject<'Event'>): number =>
    Date.parse(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '') || 0;
  const own = events.value.filter(
    (event) => event.type === 'Warning' && follow(event, involved).some((reference) => leadsTo(reference, secret)),
  );
  // Vault's answers come in several lines.
  return (
    [...own]
      .sort((one, other) => at(other) - at(one))[0]
      ?.message?.trim()
      .replace(/\s+/g, ' ') ?? ''
  );
}

/** What External Secrets says of an object: in its condition or, where that is generic, in its last Event. */
export function saidOf(
  object: ExternalSecret | Store,
  events: Fact<readonly KubeObject<'Event'>[]>,
): Quote | undefined {
  const { kind, metadata } = object;
  const name = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  const said = saidIn(readyOf(object), `External Secrets, in the status of ${name}`);
  const cause = causeOf(object, events);
  return cause === '' || said?.text.includes(cause)
    ? said
    : { text: cause, by: `External Secrets, in an Event of ${name}` };
}

/** Who of the stack needs the Secret that an ExternalSecret writes, and where Git has it; undefined when it is nobody of the ingress. */
function dependant(secret: ExternalSecret): { who: string; manifest: string } | undefined {
  const { namespace, name } = targetOf(secret);
  const known = [
    {
      ...stack.certManager,
      name: stack.certManager.tokenSecret,
      who: 'cert-manager writes its DNS-01 records',
      manifest: 'externalsecret-cert-manager',
    },
    {
      ...partNames.externalDns,
      name: partNames.externalDns.tokenSecret,
      who: 'ExternalDNS writes the apps’ records',
      manifest: 'externalsecret-external-dns',
    },
    {
      ...stack.tailscaleOperator,
      name: stack.tailscaleOperator.oauthSecret,
      who: 'the Tailscale Operator signs in',
      manifest: 'externalsecret-tailscale-operator',
    },
  ];
  return known.find((one) => one.namespace === namespace && one.name === name);
}

/** What the stack does with the Secret that an ExternalSecret writes; empty when it is nobody of the ingress. */
export const dependantOf = (secret: ExternalSecret): string => dependant(secret)?.who ?? '';

/** The manifest that holds an ExternalSecret of the ingress. */
export function manifestOf(secret: ExternalSecret): string | undefined {
  const found = dependant(secret);
  return found && `infrastructure/external-secrets/${found.manifest}.yaml`;
}
