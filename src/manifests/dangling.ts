/** What manifests refer to and what of it is not there: names, ports, and the labels that a Service selects. */
import { closest } from '../formats/closest-name.ts';
import { writtenFor, type Reference } from '../kinds/references.ts';
import { podLabels, takesLabels } from '../kinds/selections.ts';
import { pathOf } from '../kinds/violation.ts';
import type { Finding } from './finding.ts';
import type { Applied, Maker, Manifest, ManifestObject } from './manifest.ts';
import { always, isByPeople, keptReferences, portsOf, servicePods } from './references.ts';
import { isNamespaced, nameOf, namespacesOf } from './scope.ts';
import { placeholder, placeholderIn } from './untold.ts';

/** A name that may be met by what no manifest shows. */
export interface Undecided {
  manifest: Manifest;
  /** Why nobody can tell, as a clause: `HelmRelease shop/web may make Service shop/web`. */
  why: string;
}

export interface Fitting {
  findings: readonly Finding[];
  undecided: readonly Undecided[];
}

interface Target {
  kind: string;
  namespace: string;
  name: string;
  object?: ManifestObject;
}

/** Everything that a name may lead to, by where it is looked for. */
interface World {
  inNamespace: ReadonlyMap<string, readonly Target[]>;
  byName: ReadonlyMap<string, readonly Target[]>;
  pods: ReadonlyMap<string, readonly Manifest[]>;
  declared: ReadonlySet<string>;
  kinds: ReadonlySet<string>;
  /** Who may make what is looked for; whoever has its name before others of its namespace. */
  makerOf: (target: { namespace: string; name: string }) => Maker | undefined;
}

export function judgeReferences({ manifests, makers }: Applied): Fitting {
  const targets: readonly Target[] = [
    ...manifests.map(({ object }) => targetOf(object)),
    ...manifests.flatMap(({ object }) => writtenFor(object)),
  ];
  const world: World = {
    inNamespace: Map.groupBy(targets, ({ kind, namespace }) => `${kind} ${namespace}`),
    byName: Map.groupBy(targets, ({ kind, name }) => `${kind} ${name}`),
    pods: Map.groupBy(
      manifests.filter(({ object }) => podLabels(object) !== undefined),
      ({ object }) => object.metadata.namespace ?? 'default',
    ),
    declared: namespacesOf(manifests),
    kinds: new Set(targets.map(({ kind }) => kind)),
    makerOf: makerAmong(makers),
  };
  const judged = manifests.flatMap((manifest) => [
    ...keptReferences(manifest.object)
      .filter((reference) => !isMetByAnother(manifest.object, reference, world))
      .map((reference) => judgeReference(manifest, reference, world)),
    judgeSelector(manifest, world),
  ]);
  const told = judged.filter((one) => one !== undefined);
  return {
    findings: told.filter((one) => 'outcome' in one),
    undecided: told.filter((one): one is Undecided => !('outcome' in one)),
  };
}

function makerAmong(makers: readonly Maker[]): World['makerOf'] {
  const inNamespace = Map.groupBy(makers, ({ namespace }) => namespace);
  const anywhere = inNamespace.get(undefined)?.[0];
  return ({ namespace, name }) => {
    const near = inNamespace.get(namespace) ?? [];
    return near.find(({ what }) => what.endsWith(`/${name}`)) ?? near[0] ?? anywhere;
  };
}

/** Who may make it, and what would have to be rendered to see. */
const makerText = ({ what, of }: Maker): string => (of === undefined ? what : `${what} (${of})`);

/** What stands in the namespace of an object. */
const targetOf = (object: ManifestObject): Target => ({
  kind: object.kind,
  name: object.metadata.name,
  namespace: isNamespaced(object) ? (object.metadata.namespace ?? 'default') : '',
  object,
});

type Outcome = Finding | Undecided | undefined;

const find = ({ inNamespace }: World, { kind, namespace, name }: Reference): Target | undefined =>
  inNamespace.get(`${kind} ${namespace}`)?.find((one) => one.name === name);

/** RBAC takes subjects that are not there yet, so that one role can be bound to whoever of several is installed. */
const isMetByAnother = (object: ManifestObject, reference: Reference, world: World): boolean =>
  reference.path[0] === 'subjects' &&
  keptReferences(object).some((other) => other.path[0] === 'subjects' && find(world, other) !== undefined);

function judgeReference(manifest: Manifest, reference: Reference, world: World): Outcome {
  const { kind, namespace, name, path } = reference;
  if (placeholder(name) !== undefined || placeholder(namespace) !== undefined) return undefined;
  const found = find(world, reference);
  if (found !== undefined) return judgePort(manifest, reference, found.object);
  if (always.some((one) => one.kind === kind && one.name === name)) return undefined;
  const { object } = manifest;
  const subject = `${object.kind} ${nameOf(object)}`;
  const target = textOf(reference);
  const others = world.inNamespace.get(`${kind} ${namespace}`) ?? [];
  const beside = others.map((one) => one.name).filter((one) => placeholder(one) === undefined);
  const [meant] = closest(name, beside);
  const { isPeoples, isOurs } = ownersOf(reference, world);
  // A ClusterRole comes with a chart.
  if (meant === undefined && !isOurs && (beside.length === 0 || kind === 'ClusterRole')) return undefined;
  const filled = others.find((one) => placeholder(one.name) !== undefined);
  if (filled !== undefined) return { manifest, why: `${subject} refers to ${target}, which may be ${filled.name}` };
  const maker = isPeoples ? undefined : world.makerOf({ namespace, name });
  if (maker !== undefined)
    return { manifest, why: `${subject} refers to ${target}, which ${makerText(maker)} may make` };
  const hint = meant ?? elsewhere(reference, world);
  return {
    manifest,
    place: manifest.place(path),
    path: pathOf(path),
    what: 'targetMissing',
    outcome: meant !== undefined || isOurs ? 'failed' : 'warned',
    observed: name,
    expected: hint ?? (beside.length === 0 ? `a ${kind} in ${namespace}` : beside.slice(0, 5).join(' or ')),
    message: `${subject} refers to ${target}, which is in no manifest${hint === undefined ? '' : `; there is ${hint}`}.`,
    advice:
      meant === undefined
        ? `Add a manifest of ${target}, or correct the name.`
        : `Write ${meant}, if that is what is meant.`,
  };
}

/** Where something of that kind and name is, in another namespace. */
function elsewhere({ kind, name }: Reference, { byName }: World): string | undefined {
  const [found] = byName.get(`${kind} ${name}`) ?? [];
  return found && `${found.namespace}/${found.name}`;
}

/** Whose the name is to give: people's alone, or somebody's who declares the namespace. A Secret may be made by hand. */
function ownersOf({ kind, namespace }: Reference, world: World): { isPeoples: boolean; isOurs: boolean } {
  const isPeoples = isByPeople(kind) && world.kinds.has(kind);
  return { isPeoples, isOurs: isPeoples || (world.declared.has(namespace) && kind !== 'Secret') };
}

const textOf = ({ kind, namespace, name }: Reference): string =>
  `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

function judgePort(manifest: Manifest, reference: Reference, service: ManifestObject | undefined): Outcome {
  const { path, port } = reference;
  if (service === undefined || placeholderIn((service as { spec?: unknown }).spec) !== undefined) return undefined;
  const ports = portsOf(service);
  if (port === undefined || ports.includes(port)) return undefined;
  const at = [...path.slice(0, -1), 'port'];
  return {
    manifest,
    outcome: 'failed',
    what: 'portMissing',
    place: manifest.place(at),
    path: pathOf(at),
    observed: port,
    expected: ports.join(' or '),
    message: `${manifest.object.kind} ${nameOf(manifest.object)} asks ${textOf(reference)} for port ${port}, which it does not have.`,
    advice: `Name the Service's own port (${ports.join(', ')}), not that of the container.`,
  };
}

/** A Service whose selector matches no pod that the manifests of its namespace make. */
function judgeSelector(manifest: Manifest, world: World): Outcome {
  const { object } = manifest;
  const pods = servicePods(object);
  if (pods === undefined) return undefined;
  const { namespace, path, selector } = pods;
  const labels = (world.pods.get(namespace) ?? []).map(({ object: other }) => podLabels(other) ?? {});
  if (labels.length === 0 || !world.declared.has(namespace)) return undefined;
  if (labels.some((some) => takesLabels(pods, some))) return undefined;
  if (placeholderIn(selector) !== undefined || placeholderIn(labels) !== undefined) return undefined;
  const service = `Service ${nameOf(object)}`;
  const maker = world.makerOf({ namespace, name: object.metadata.name });
  if (maker !== undefined) return { manifest, why: `${service} selects pods that ${makerText(maker)} may make` };
  // A label of somebody's domain, which no author of these manifests writes: Longhorn's manager gives them to its own pods.
  const given = Object.keys(selector as object).find(
    (key) => key.includes('/') && !key.startsWith('app.kubernetes.io/') && !labels.some((some) => key in some),
  );
  if (given !== undefined)
    return { manifest, why: `${service} selects pods by ${given}, a label that controllers give` };
  return {
    manifest,
    what: 'selectsNothing',
    outcome: 'failed',
    place: manifest.place(path),
    path: pathOf(path),
    observed: selector,
    expected: JSON.stringify(labels.length === 1 ? labels[0] : labels.slice(0, 5)),
    message: `${service} selects no pod: no workload in ${namespace} has these labels.`,
    advice: 'Copy the labels from the pod template that the Service is for.',
  };
}
