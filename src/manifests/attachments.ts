/**
 * Whether what hangs on something fits it: routes of all kinds on the listeners of their parents, and policies on their targets. Rules of
 * Gateway API itself, whosever the Gateway is. HTTPRoutes on Gateways of Envoy Gateway have checks of their own.
 */
import { selects } from '../formats/label-selector.ts';
import { hostnamesIntersect } from '../formats/hostname.ts';
import { kindsFor } from '../gateways/listener.ts';
import { follow, leadsTo, relationAt, type Reference } from '../kinds/references.ts';
import { relations, type Relation } from '../kinds/relations.ts';
import { groupOf } from '../kinds/kind.ts';
import { pathOf } from '../kinds/violation.ts';
import type { Finding, ManifestFinding } from './finding.ts';
import { fieldsOf, listOf, specOf, textOf, valueAt, type Fields } from './fields.ts';
import type { Manifest, ManifestObject } from './manifest.ts';
import { nameOf } from './scope.ts';
import { placeholderIn } from './untold.ts';

const routes = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];

/** What each policy may be attached to, beside what newer releases add [Envoy Gateway 1.6 to 1.9; Gateway API 1.4]. */
const targets: Readonly<Record<string, readonly string[]>> = {
  BackendTrafficPolicy: ['Gateway', 'ListenerSet', 'XListenerSet', ...routes],
  ClientTrafficPolicy: ['Gateway', 'ListenerSet', 'XListenerSet'],
  EnvoyExtensionPolicy: ['Gateway', 'ListenerSet', 'XListenerSet', ...routes],
  EnvoyPatchPolicy: ['Gateway', 'GatewayClass'],
  SecurityPolicy: ['Gateway', 'ListenerSet', 'XListenerSet', ...routes],
};

export function judgeAttachments(manifests: readonly Manifest[]): readonly Finding[] {
  const objects = manifests.map(({ object }) => object);
  const find = (reference: Reference): ManifestObject | undefined => objects.find((one) => leadsTo(reference, one));
  return manifests.flatMap((manifest) => [
    ...attachmentsOf(manifest.object, routes, 'spec.parentRefs[]').flatMap((reference) => {
      const parent = find(reference);
      return parent === undefined || isLeftToChecks(manifest.object, parent, objects)
        ? []
        : judgeRoute({ manifest, reference, parent }, objects);
    }),
    ...policyRelations(manifest.object).flatMap((relation) =>
      follow(manifest.object, relation).flatMap((reference) => judgePolicy(manifest, reference, find(reference))),
    ),
  ]);
}

const attachmentsOf = (object: ManifestObject, kinds: readonly string[], path: string): readonly Reference[] =>
  kinds.includes(object.kind) ? follow(object, relationAt(object.kind, path)) : [];

const policyRelations = ({ kind }: ManifestObject): readonly Relation[] =>
  relations.filter(({ from, path }) => from === kind && /^spec\.targetRefs?(?:\[\])?$/.test(path));

/** Whether the checks of HTTPRoutes judge it: where the Gateway is of a class that names Envoy Gateway. */
const isLeftToChecks = (route: ManifestObject, parent: ManifestObject, objects: readonly ManifestObject[]): boolean =>
  route.kind === 'HTTPRoute' &&
  parent.kind === 'Gateway' &&
  objects.some(
    (one) =>
      one.kind === 'GatewayClass' &&
      one.metadata.name === specOf(parent)['gatewayClassName'] &&
      textOf(specOf(one)['controllerName'])?.startsWith('gateway.envoyproxy.io/') === true,
  );

interface Attached {
  manifest: Manifest;
  reference: Reference;
  parent: ManifestObject;
}

function judgeRoute(attached: Attached, objects: readonly ManifestObject[]): readonly Finding[] {
  const { manifest, reference, parent } = attached;
  const all = listOf(specOf(parent)['listeners']).map(fieldsOf);
  if (all.length === 0 || placeholderIn(all) !== undefined) return [];
  const meant = all.filter(
    ({ name, port }) =>
      (reference.section === undefined || reference.section === name) &&
      (portOf(attached) === undefined || portOf(attached) === port),
  );
  if (meant.length === 0) return [noListener(attached, all)];
  const admitting = meant.filter((listener) => admits(listener, attached, objects) !== false);
  if (admitting.length === 0) return [notAdmitted(attached, meant)];
  return listOf(specOf(manifest.object)['hostnames']).flatMap((hostname, index) =>
    judgeHostname(attached, admitting, hostname, index),
  );
}

/** A parentRef's port is that of a listener. */
function portOf({ manifest: { object }, reference: { path } }: Attached): unknown {
  return valueAt(object, [...path.slice(0, 3), 'port']);
}

const subjectOf = ({ manifest: { object } }: { manifest: Manifest }): string => `${object.kind} ${nameOf(object)}`;
const parentText = ({ parent }: Attached): string => `${parent.kind} ${nameOf(parent)}`;
const namesOf = (listeners: readonly Fields[]): string =>
  listeners.map(({ name, port }) => `${String(name)} (${String(port)})`).join(', ');

function noListener(attached: Attached, all: readonly Fields[]): Finding {
  const { manifest, reference } = attached;
  const field =
    all.some(({ name }) => name === reference.section) || reference.section === undefined ? 'port' : 'sectionName';
  const observed = field === 'port' ? portOf(attached) : reference.section;
  return found(manifest, 'sectionMissing', [...reference.path.slice(0, -1), field], {
    observed,
    expected: namesOf(all),
    message: `${subjectOf(attached)} wants listener ${String(observed)} of ${parentText(attached)}, which has ${namesOf(all)}.`,
    advice: `Name one of its listeners, or leave ${field} out.`,
  });
}

function notAdmitted(attached: Attached, listeners: readonly Fields[]): Finding {
  const { manifest, reference } = attached;
  return found(manifest, 'notAdmitted', reference.path, {
    observed: nameOf(attached.parent),
    expected: `a listener that takes a ${manifest.object.kind} of ${homeOf(manifest.object)}`,
    message: `${subjectOf(attached)} hangs on ${parentText(attached)}, whose ${listeners.length === 1 ? 'listener' : 'listeners'} ${namesOf(listeners)} ${listeners.length === 1 ? 'takes' : 'take'} no ${manifest.object.kind} of namespace ${homeOf(manifest.object)}.`,
    advice: 'Let allowedRoutes of the listener take it, by its namespaces and kinds.',
  });
}

function judgeHostname(
  attached: Attached,
  listeners: readonly Fields[],
  hostname: unknown,
  index: number,
): readonly Finding[] {
  if (typeof hostname !== 'string' || placeholderIn(hostname) !== undefined) return [];
  const names = listeners.map((listener) => textOf(listener['hostname']));
  if (names.some((name) => name === undefined || hostnamesIntersect(name, hostname))) return [];
  const taken = names.join(', ');
  return [
    found(attached.manifest, 'hostnameNotTaken', ['spec', 'hostnames', index], {
      observed: hostname,
      expected: `a name that ${taken} takes`,
      message: `${subjectOf(attached)} wants ${hostname}, which no listener of ${parentText(attached)} takes (${taken}).`,
      advice: 'Use a name that a listener takes, or add a listener for it.',
    }),
  ];
}

const homeOf = ({ metadata }: ManifestObject): string => metadata.namespace ?? 'default';

/** Whether a listener lets a route in; undefined where the manifests do not tell. */
function admits(
  listener: Fields,
  { manifest: { object }, parent }: Attached,
  objects: readonly ManifestObject[],
): boolean | undefined {
  const { kinds, namespaces } = fieldsOf(listener['allowedRoutes']);
  const named = listOf(kinds).map((one) => textOf(fieldsOf(one)['kind']));
  const carried = kindsFor(textOf(listener['protocol']) ?? '', textOf(fieldsOf(listener['tls'])['mode']) ?? '');
  const taken = named.length > 0 ? named : carried;
  // Implementations have protocols of their own.
  if (taken.length > 0 && !taken.includes(object.kind)) return false;
  const { from = 'Same', selector } = fieldsOf(namespaces);
  if (from === 'All') return true;
  if (from !== 'Selector') return from === 'Same' && homeOf(object) === homeOf(parent);
  const home = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === homeOf(object));
  return (
    home && selects(selector ?? {}, { 'kubernetes.io/metadata.name': home.metadata.name, ...home.metadata.labels })
  );
}

/** What each kind calls the parts that a policy may be about. */
const sections: Readonly<Record<string, string>> = {
  Gateway: 'listeners',
  ListenerSet: 'listeners',
  Service: 'ports',
  ...Object.fromEntries(routes.map((kind) => [kind, 'rules'])),
};

function judgePolicy(manifest: Manifest, reference: Reference, target: ManifestObject | undefined): readonly Finding[] {
  const { kind, path, section, group } = reference;
  const taken = targets[manifest.object.kind];
  if (taken !== undefined && !taken.includes(kind)) {
    return [
      found(manifest, 'foreignTarget', [...path.slice(0, -1), 'kind'], {
        observed: `${group === undefined || group === '' ? '' : `${group}/`}${kind}`,
        expected: taken.join(' or '),
        message: `${subjectOf({ manifest })} is attached to a ${kind}, which a ${manifest.object.kind} cannot be.`,
        advice: `Attach it to one of ${taken.join(', ')}.`,
      }),
    ];
  }
  const parts = sections[kind];
  if (section === undefined || target === undefined || parts === undefined) return [];
  const names = listOf(specOf(target)[parts]).flatMap((one) => textOf(fieldsOf(one)['name']) ?? []);
  if (names.includes(section) || placeholderIn(specOf(target)[parts]) !== undefined) return [];
  return [
    found(manifest, 'sectionMissing', [...path.slice(0, -1), 'sectionName'], {
      observed: section,
      expected: names.join(' or ') || 'no section: none has a name',
      message: `${subjectOf({ manifest })} is about ${section} of ${kind} ${nameOf(target)}, which has ${names.length === 0 ? 'none by a name' : names.join(', ')}.`,
      advice: 'Name one that is there, or leave sectionName out, which means the whole.',
    }),
  ];
}

const found = (
  manifest: Manifest,
  what: ManifestFinding,
  path: Reference['path'],
  told: Pick<Finding, 'observed' | 'expected' | 'message' | 'advice'>,
): Finding => ({ manifest, what, outcome: 'failed', place: manifest.place(path), path: pathOf(path), ...told });

/** Whether an object hangs on anything that is judged here. */
export const isAttached = ({ kind, apiVersion }: ManifestObject): boolean =>
  (routes.includes(kind) && groupOf(apiVersion) === 'gateway.networking.k8s.io') || policyKinds.has(kind);

const policyKinds: ReadonlySet<string> = new Set(Object.keys(targets));
