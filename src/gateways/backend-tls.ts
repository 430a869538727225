/** TLS towards backends: what BackendTLSPolicies, Backends and EnvoyProxies say of it, and what cannot be used [internal/gatewayapi/backendtlspolicy.go]. */
import { at, isFields, list, number, text } from '../formats/fields.ts';
import { caRefusal } from './ca-certificates.ts';
import { say, sentence, type Verdict, type Verdicts } from './verdicts.ts';
import {
  envoyGateway,
  namespaceOf,
  placeOf,
  targetOf,
  untold,
  type Resource,
  type Target,
  type World,
} from './world.ts';

/** What somebody said of a policy about one of the Gateways that it works on. */
export interface Ancestor {
  reference: unknown;
  verdicts: Verdicts;
}

/** Every BackendTLSPolicy that was met, with the parents of the routes that led to it. */
export type TlsPolicies = Map<Resource, Ancestor[]>;

/** What says how the Gateway itself speaks to backends. */
export interface OwnTls {
  object: Resource;
  clientCertificateRef: unknown;
}

/** Why a backend cannot be spoken to by TLS as it is asked for; undefined where it can, or no TLS is asked for. */
export function tlsProblem(
  world: World,
  reference: unknown,
  home: string,
  { parent, own, policies }: { parent: unknown; own: OwnTls | undefined; policies: TlsPolicies },
): string | undefined {
  const to = targetOf(reference, home, 'Service');
  const backend = to.kind === 'Backend' ? world.find('Backend', to.namespace, to.name) : undefined;
  const found = backend === untold ? undefined : backend;
  const asked = at(found, 'spec', 'tls');
  const wrong = found !== undefined && isFields(asked) ? ofBackend(world, found) : undefined;
  if (wrong !== undefined) return wrong;
  const policy = policyFor(world, to, number(reference, 'port'));
  const why = policy === undefined ? undefined : ofPolicy(world, policy, parent, policies);
  if (why !== undefined) return why;
  if ((policy === undefined && !isFields(asked)) || own === undefined) return undefined;
  return certificateProblem(world, own.object, own.clientCertificateRef);
}

function ofBackend(world: World, backend: Resource): string | undefined {
  const tls = at(backend, 'spec', 'tls');
  const references = list(tls, 'caCertificateRefs');
  const isLookedAt =
    at(tls, 'insecureSkipVerify') !== true &&
    text(tls, 'wellKnownCACertificates') !== 'System' &&
    references.length > 0;
  const from = { group: envoyGateway, kind: 'BackendTLSPolicy', namespace: namespaceOf(backend) };
  const wrong = isLookedAt ? caRefusal(world, references, from) : undefined;
  return wrong?.message ?? certificateProblem(world, backend, at(tls, 'clientCertificateRef'));
}

/** Whether the certificate that Envoy itself shows is there. */
function certificateProblem(world: World, owner: Resource, reference: unknown): string | undefined {
  if (!isFields(reference)) return undefined;
  const home = namespaceOf(owner);
  const { namespace, name } = targetOf(reference, home, 'Secret');
  const { kind } = owner;
  if (kind !== 'Gateway' && namespace !== home) {
    return `ClientCertificateRef Secret is not located in the same namespace as ${kind}. Secret namespace: ${namespace} does not match ${kind} namespace: ${home}`;
  }
  if (world.find('Secret', namespace, name) !== undefined) return undefined;
  return `failed to locate TLS secret for client auth: ${home}/${name} specified in ${kind} ${placeOf(owner)}`;
}

/** The policy that is about a backend's port, else the one about the whole of it. */
function policyFor(world: World, to: Target, port: number): Resource | undefined {
  const section = port === 0 ? '' : sectionOf(world, to, port);
  const about = world
    .list('BackendTLSPolicy')
    .filter((policy) => namespaceOf(policy) === to.namespace)
    .flatMap((policy) => list(policy, 'spec', 'targetRefs').map((target) => ({ policy, target })))
    .filter(
      ({ target }) =>
        text(target, 'kind') === to.kind && text(target, 'group') === to.group && text(target, 'name') === to.name,
    );
  const exact = about.find(({ target }) => section !== '' && text(target, 'sectionName') === section);
  return (exact ?? about.find(({ target }) => text(target, 'sectionName') === ''))?.policy;
}

function sectionOf(world: World, { kind, namespace, name }: Target, port: number): string {
  if (kind === 'Backend') return String(port);
  const found = world.find(kind, namespace, name);
  const entry = list(found, 'spec', 'ports').find((one) => number(one, 'port') === port);
  return text(entry, 'name');
}

function ofPolicy(world: World, policy: Resource, parent: unknown, policies: TlsPolicies): string | undefined {
  const validation = at(policy, 'spec', 'validation');
  const from = { group: envoyGateway, kind: 'BackendTLSPolicy', namespace: namespaceOf(policy) };
  const wrong =
    text(validation, 'wellKnownCACertificates') === 'System'
      ? undefined
      : caRefusal(world, list(validation, 'caCertificateRefs'), from);
  const ancestors = policies.get(policy) ?? [];
  policies.set(policy, ancestors);
  const known = ancestors.find(({ reference }) => JSON.stringify(reference) === JSON.stringify(parent));
  const ancestor: Ancestor = known ?? { reference: parent, verdicts: new Map() };
  if (known === undefined) ancestors.push(ancestor);
  const place = ['spec', 'validation', 'caCertificateRefs'];
  const refuse = (type: string, reason: string, message: string): void =>
    say(ancestor.verdicts, { type, status: 'False', reason, message: sentence(message), at: place });
  if (wrong === undefined) {
    const message = 'Resolved all the Object references.';
    say(ancestor.verdicts, { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message });
    say(ancestor.verdicts, {
      type: 'Accepted',
      status: 'True',
      reason: 'Accepted',
      message: 'Policy has been accepted.',
    });
    return undefined;
  }
  refuse('Accepted', 'NoValidCACertificate', wrong.message);
  const isKind = wrong.listenerReason === 'InvalidCACertificateKind';
  refuse('ResolvedRefs', isKind ? 'InvalidKind' : 'InvalidCACertificateRef', wrong.message);
  return wrong.message;
}

/** Of several policies about one thing only the first counts. */
export function judgeTlsPolicies(world: World, policies: TlsPolicies): void {
  const taken = new Map<string, Resource>();
  for (const policy of world.list('BackendTLSPolicy')) {
    for (const target of list(policy, 'spec', 'targetRefs')) {
      const parts = ['group', 'kind', 'name', 'sectionName'].map((part) => text(target, part));
      const key = [namespaceOf(policy), ...parts].join('/');
      const other = taken.get(key);
      if (other === undefined) {
        taken.set(key, policy);
        continue;
      }
      const own = policies.get(policy) ?? [];
      const references = (policies.get(other) ?? []).map(({ reference }) => reference);
      const all = references.map(
        (reference) =>
          own.find((one) => JSON.stringify(one.reference) === JSON.stringify(reference)) ?? {
            reference,
            verdicts: new Map<string, Verdict>(),
          },
      );
      for (const { verdicts } of all) {
        say(verdicts, {
          ...{ type: 'Accepted', status: 'False', reason: 'Conflicted' },
          message: `Policy conflicts with BackendTLSPolicy ${placeOf(other)}.`,
          at: ['spec', 'targetRefs'],
        });
      }
      policies.set(policy, [...own.filter((one) => !all.includes(one)), ...all]);
      break;
    }
  }
}
