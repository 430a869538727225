/** What manifests refer to and what of it is not there: names, ports, and the labels that a Service selects. */
import { closest } from '../formats/closest-name.ts';
import { serviceSelects, type Labels } from '../formats/label-selector.ts';
import { groupOf, isBuiltIn } from '../kinds/kind.ts';
import { writtenFor, type Reference } from '../kinds/references.ts';
import { podLabels, takesLabels } from '../kinds/selections.ts';
import { pathOf } from '../kinds/violation.ts';
import type { Manifest, ManifestObject, Manifests } from './files.ts';
import type { Finding } from './finding.ts';
import { always, keptReferences, portsOf, servicePods } from './references.ts';
import { isNamespaced, nameOf, namespacesOf } from './scope.ts';

interface Target {
  kind: string;
  namespace: string;
  name: string;
  object?: ManifestObject;
}

export function judgeReferences({ manifests, generated }: Manifests): readonly Finding[] {
  const targets: readonly Target[] = [
    ...manifests.map(({ object }) => targetOf(object)),
    ...manifests.flatMap(({ object }) => writtenFor(object)),
    ...generated.map(({ kind, namespace = 'default', name }) => ({ kind, namespace, name })),
  ];
  const declared = namespacesOf(manifests);
  return manifests.flatMap((manifest) => [
    ...keptReferences(manifest.object).flatMap((reference) => judgeReference(manifest, reference, targets, declared)),
    ...judgeSelector(manifest, manifests, declared),
  ]);
}

/** What stands in the namespace of an object. */
const targetOf = (object: ManifestObject): Target => ({
  kind: object.kind,
  name: object.metadata.name,
  namespace: isNamespaced(object) ? (object.metadata.namespace ?? 'default') : '',
  object,
});

function judgeReference(
  manifest: Manifest,
  { kind, namespace, name, path, port }: Reference,
  targets: readonly Target[],
  declared: ReadonlySet<string>,
): readonly Finding[] {
  const { object } = manifest;
  const subject = `${object.kind} ${nameOf(object)}`;
  const target = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  const common = { manifest, place: manifest.place(path), path: pathOf(path) } as const;
  const found = targets.find((one) => one.kind === kind && one.namespace === namespace && one.name === name);
  if (found !== undefined) {
    const service = found.object;
    if (port === undefined || service === undefined || portsOf(service).includes(port)) return [];
    return [
      {
        ...common,
        outcome: 'failed',
        what: 'portMissing',
        place: manifest.place([...path.slice(0, -1), 'port']),
        path: pathOf([...path.slice(0, -1), 'port']),
        observed: port,
        expected: portsOf(service).join(' or '),
        message: `${subject} asks ${target} for port ${port}, which it does not have.`,
        advice: `Name the Service's own port (${portsOf(service).join(', ')}), not that of the container.`,
      },
    ];
  }
  if (always.some((one) => one.kind === kind && one.name === name)) return [];
  const beside = targets.filter((one) => one.kind === kind && one.namespace === namespace).map((one) => one.name);
  const [meant] = closest(name, beside);
  const elsewhere = targets.find((one) => one.kind === kind && one.name === name);
  // A Secret may be made by hand, so that it never stands in Git; a ClusterRole comes with a chart.
  const isOurs = declared.has(namespace) && kind !== 'Secret';
  if (meant === undefined && !isOurs && (beside.length === 0 || kind === 'ClusterRole')) return [];
  const hint = meant ?? (elsewhere === undefined ? undefined : `${elsewhere.namespace}/${elsewhere.name}`);
  return [
    {
      ...common,
      what: 'targetMissing',
      outcome: meant !== undefined || isOurs ? 'failed' : 'warned',
      observed: name,
      expected: hint ?? (beside.length === 0 ? `a ${kind} in ${namespace}` : beside.join(' or ')),
      message: `${subject} refers to ${target}, which is in no manifest${hint === undefined ? '' : `; there is ${hint}`}.`,
      advice:
        meant === undefined
          ? `Add a manifest of ${target}, or correct the name.`
          : `Write ${meant}, if that is what is meant.`,
    },
  ];
}

/** A Service whose selector matches no pod that the manifests of its namespace make. */
function judgeSelector(
  manifest: Manifest,
  manifests: readonly Manifest[],
  declared: ReadonlySet<string>,
): readonly Finding[] {
  const { object } = manifest;
  const pods = servicePods(object);
  if (pods === undefined) return [];
  const { namespace, path, selector } = pods;
  const labels = manifests
    .filter(({ object: other }) => (other.metadata.namespace ?? 'default') === namespace)
    .map(({ object: other }) => podLabels(other))
    .filter((some) => some !== undefined);
  if (labels.length === 0 || !declared.has(namespace)) return [];
  if (labels.some((some) => takesLabels(pods, some))) return [];
  const unless = unknownMaker(
    selector as Labels,
    labels,
    manifests
      .map(({ object: other }) => other)
      .filter((other) => (other.metadata.namespace ?? 'default') === namespace),
  );
  return [
    {
      manifest,
      what: 'selectsNothing',
      outcome: unless === undefined ? 'failed' : 'warned',
      place: manifest.place(path),
      path: pathOf(path),
      observed: selector,
      expected: JSON.stringify(labels.length === 1 ? labels[0] : labels),
      message: `Service ${nameOf(object)} selects no pod${unless === undefined ? '' : `, unless ${unless}`}: no workload in ${namespace} has these labels.`,
      advice: 'Copy the labels from the pod template that the Service is for.',
    },
  ];
}

/** Who may make or label pods so that a Service selects some, which no manifest shows. */
function unknownMaker(
  selector: Labels,
  labels: readonly Labels[],
  beside: readonly ManifestObject[],
): string | undefined {
  const maker = beside.find(
    (other) => mayMakePods(other) && labelsIn(other).some((some) => serviceSelects(selector, some)),
  );
  if (maker !== undefined) return `an operator makes some of ${maker.kind} ${nameOf(maker)}`;
  // A label of somebody's domain, which no author of these manifests writes: Longhorn's manager gives them to its own pods.
  const given = Object.keys(selector).find(
    (key) => key.includes('/') && !key.startsWith('app.kubernetes.io/') && !labels.some((some) => key in some),
  );
  return given === undefined ? undefined : `a controller gives them the label ${given}`;
}

/** Groups of custom kinds of which nobody makes pods that a Service could be for. */
const withoutPods: ReadonlySet<string> = new Set([
  'cert-manager.io',
  'external-secrets.io',
  'gateway.envoyproxy.io',
  'gateway.networking.k8s.io',
]);

/** Whether an operator may make pods of an object: it makes them with labels that the object gives away. */
const mayMakePods = ({ apiVersion }: ManifestObject): boolean =>
  !isBuiltIn(groupOf(apiVersion)) && !withoutPods.has(groupOf(apiVersion));

/** Every map of labels in a value. */
function labelsIn(value: unknown): readonly Labels[] {
  if (typeof value !== 'object' || value === null) return [];
  const { labels } = value as { labels?: unknown };
  const own = typeof labels === 'object' && labels !== null ? [labels as Labels] : [];
  return [...own, ...Object.values(value).flatMap(labelsIn)];
}
