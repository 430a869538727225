/** What is wrong with manifests by themselves: against their schemas, beside one another, and in what they refer to. */
import { serviceSelects } from '../formats/label-selector.ts';
import { closest } from '../formats/closest-name.ts';
import { groupOf, type Kinds, type Release } from '../kinds/kind.ts';
import { judgeObject } from '../kinds/validate.ts';
import { pathOf, stepsOf, type Violation, type ViolationKind } from '../kinds/violation.ts';
import type { Manifest, ManifestObject, Manifests, Place } from './files.ts';
import {
  always,
  podLabels,
  portsOf,
  referencesOf,
  selectorOf,
  writtenFor,
  type Reference,
  type Step,
} from './references.ts';
import { isNamespaced } from './scope.ts';

/** What can be wrong with manifests by themselves, and with what they refer to. */
export const manifestFindings = {
  valid: ['refused', 'ignored', 'standsTwice', 'noNamespace', 'strayNamespace'],
  fits: ['portMissing', 'targetMissing', 'selectsNothing'],
} as const;

export type ManifestFinding = (typeof manifestFindings)[keyof typeof manifestFindings][number];

export interface Finding {
  manifest: Manifest;
  outcome: 'failed' | 'warned';
  what: ManifestFinding;
  place: Place;
  path: string;
  observed: unknown;
  expected: string;
  /** One sentence, without the place. */
  message: string;
  /** What to do. */
  advice: string;
}

export interface Judged {
  findings: readonly Finding[];
  /** Objects of kinds that nobody knows here. */
  unknown: readonly Manifest[];
  /** Rules that could not be judged: of which manifest, and why. */
  unjudged: readonly { manifest: Manifest; why: string }[];
  /** Which release each manifest was held against. */
  releases: ReadonlyMap<Manifest, Release>;
}

/** @param kinds Where kinds are looked up: definitions that are at hand before what the project brings. */
export async function judgeManifests(all: Manifests, kinds: Kinds): Promise<Judged> {
  const { manifests } = all;
  const unknown: Manifest[] = [];
  const findings: Finding[] = [];
  const unjudged: Judged['unjudged'][number][] = [];
  const releases = new Map<Manifest, Release>();
  for (const manifest of manifests) {
    const judged = await judgeObject(withoutStatus(manifest.object), kinds);
    if (judged === undefined) {
      unknown.push(manifest);
      continue;
    }
    releases.set(manifest, judged.release);
    unjudged.push(...judged.unjudged.map((why) => ({ manifest, why })));
    const wrong = judged.violations.filter(({ kind }) => kind !== 'unchecked');
    findings.push(...wrong.map((violation) => findingOf(manifest, violation, judged.release)));
  }
  const others = [...judgePlaces(manifests, unknown), ...judgeReferences(all)];
  return { findings: [...findings, ...others], unknown, unjudged, releases };
}

/** Nobody but a controller writes a status: what a manifest has of one never reaches the cluster. */
function withoutStatus(object: ManifestObject): ManifestObject {
  const { status: _status, ...rest } = object as ManifestObject & { status?: unknown };
  return rest;
}

function findingOf(manifest: Manifest, violation: Violation, release: Release): Finding {
  const { message, observed, hint, kind } = violation;
  const path = placeOf(violation);
  // A Secret's value is nobody's to print, not even a wrong one.
  const isSecret = manifest.object.kind === 'Secret' && /^(?:string)?[dD]ata\b/.test(path);
  const told = isSecret
    ? `${path} is not what a Secret may hold.`
    : `${sentence(message)}${hint === undefined ? '' : ` ${hint}`}`;
  return {
    manifest,
    // What another release may have is not wrong for sure: a field, and a version that is served no more.
    outcome: isAboutRelease(violation) && !release.installed ? 'warned' : 'failed',
    what: isAboutRelease(violation) && !release.installed ? 'ignored' : 'refused',
    place: manifest.place(stepsOf(path)),
    path,
    observed: isSecret ? 'not shown' : kind === 'missing' ? null : brief(observed),
    expected: isSecret ? 'what a Secret may hold' : expectedFrom(kind, message),
    message: `${told} (${release.name})`,
    advice: hint ?? adviceFor(kind, release),
  };
}

/** An API server names no field where none of several alternatives fits, and says in its sentence where that is. */
const placeOf = ({ path, message }: Violation): string =>
  path === '<nil>' ? (/: "([^"]+)" must /.exec(message)?.[1] ?? path) : path;

const isAboutRelease = ({ kind, path }: Violation): boolean => kind === 'unknown-field' || path === 'apiVersion';

function adviceFor(kind: ViolationKind, { name, installed }: Release): string {
  if (kind !== 'unknown-field') return 'Correct the value.';
  return installed
    ? 'Take the field out, or find its right name with kubectl explain.'
    : `Take the field out, or find its right name with kubectl explain. If what is installed is newer than ${name}, give its definitions with --crds.`;
}

const nameOf = ({ metadata }: ManifestObject): string =>
  `${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
const placeText = ({ file, place }: Manifest): string => `${file}:${place([]).line}`;

/** Objects that stand twice, and those that stand nowhere. */
function judgePlaces(manifests: readonly Manifest[], strange: readonly Manifest[]): readonly Finding[] {
  const declared = namespacesOf(manifests);
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest): readonly Finding[] => {
    const { object } = manifest;
    const { namespace } = object.metadata;
    const common = { manifest } as const;
    const found: Finding[] = [];
    const key = `${groupOf(object.apiVersion)} ${object.kind} ${nameOf(object)}`;
    const before = object.metadata.name === '' ? undefined : first.get(key);
    if (before === undefined) first.set(key, manifest);
    else {
      const same = JSON.stringify(before.object) === JSON.stringify(object);
      found.push({
        ...common,
        outcome: same ? 'warned' : 'failed',
        what: 'standsTwice',
        place: manifest.place([]),
        path: 'metadata.name',
        observed: `${placeText(before)} and ${placeText(manifest)}`,
        expected: 'one manifest',
        message: `${object.kind} ${nameOf(object)} stands twice${same ? '' : ', and differently'}: in ${placeText(before)} and in ${placeText(manifest)}.`,
        advice: same
          ? 'Keep one of them.'
          : 'Keep one of them: which of the two the cluster gets depends on the order of files.',
      });
    }
    // Whether a kind that nobody knows has namespaces, nobody knows.
    if (isNamespaced(object) && namespace === undefined && !strange.includes(manifest)) {
      found.push({
        ...common,
        outcome: 'warned',
        what: 'noNamespace',
        place: manifest.place(['metadata']),
        path: 'metadata.namespace',
        observed: null,
        expected: 'a namespace',
        message: `${object.kind} ${object.metadata.name} names no namespace, so it lands in that of whoever applies it.`,
        advice: 'Name its namespace, in the manifest or in the kustomization.',
      });
    }
    const meant = namespace === undefined || declared.has(namespace) ? undefined : closest(namespace, declared)[0];
    if (meant !== undefined) {
      found.push({
        ...common,
        outcome: 'failed',
        what: 'strayNamespace',
        place: manifest.place(['metadata', 'namespace']),
        path: 'metadata.namespace',
        observed: namespace,
        expected: meant,
        message: `${object.kind} ${nameOf(object)} is in a namespace that no manifest declares; there is ${meant}.`,
        advice: `Write ${meant}, or declare the Namespace ${namespace ?? ''}.`,
      });
    }
    return found;
  });
}

const namespacesOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(manifests.flatMap(({ object }) => (object.kind === 'Namespace' ? [object.metadata.name] : [])));

interface Target {
  kind: string;
  namespace: string;
  name: string;
  object?: ManifestObject;
}

function judgeReferences({ manifests, generated }: Manifests): readonly Finding[] {
  const targets: readonly Target[] = [
    ...manifests.map(({ object }) => ({ ...targetOf(object, object.kind, object.metadata.name), object })),
    ...manifests.flatMap(({ object }) => {
      const written = writtenFor(object);
      return written === undefined ? [] : [targetOf(object, written.kind, written.name)];
    }),
    ...generated.map(({ kind, namespace = 'default', name }) => ({ kind, namespace, name })),
  ];
  const declared = namespacesOf(manifests);
  return manifests.flatMap((manifest) => [
    ...referencesOf(manifest.object).flatMap((reference) => judgeReference(manifest, reference, targets, declared)),
    ...judgeSelector(manifest, manifests, declared),
  ]);
}

/** What stands in the namespace of an object. */
const targetOf = (object: ManifestObject, kind: string, name: string): Target => ({
  kind,
  name,
  namespace: isNamespaced(object) ? (object.metadata.namespace ?? 'default') : '',
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
        place: manifest.place([...path, 'port']),
        path: pathOf([...path, 'port']),
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
  const selector = selectorOf(object);
  const namespace = object.metadata.namespace ?? 'default';
  if (selector === undefined) return [];
  const labels = manifests
    .filter(({ object: other }) => (other.metadata.namespace ?? 'default') === namespace)
    .map(({ object: other }) => podLabels(other))
    .filter((some) => some !== undefined);
  if (labels.length === 0 || !declared.has(namespace)) return [];
  if (labels.some((some) => serviceSelects(selector, some))) return [];
  const path: readonly Step[] = ['spec', 'selector'];
  return [
    {
      manifest,
      what: 'selectsNothing',
      outcome: 'failed',
      place: manifest.place(path),
      path: pathOf(path),
      observed: selector,
      expected: JSON.stringify(labels.length === 1 ? labels[0] : labels),
      message: `Service ${nameOf(object)} selects no pod: no workload in ${namespace} has these labels.`,
      advice: 'Copy the labels from the pod template that the Service is for.',
    },
  ];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What should stand there, taken from the API server's sentence. */
function expectedFrom(kind: ViolationKind, message: string): string {
  switch (kind) {
    case 'unknown-field':
      return 'nothing, for there is no such field';
    case 'missing':
      return 'a value';
    case 'unsupported':
      return `one of ${/(?:supported|valid) values: (.+)$/.exec(message)?.[1] ?? 'the supported values'}`;
    case 'wrong-type':
      return `a value of type ${/of type ([^:]+)/.exec(message)?.[1] ?? 'the schema'}`;
    case 'unchecked':
    case 'invalid':
      return /in body (?:must be |should be |should )(.+?)(?:: .*)?$/.exec(message)?.[1] ?? 'a valid value';
  }
}

/** As much of a value as fits in a line. */
const brief = (value: unknown): unknown => {
  const text = JSON.stringify(value ?? null);
  return text.length > 200 ? `${text.slice(0, 199)}…` : value;
};
