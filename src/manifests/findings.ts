/** What is wrong with manifests by themselves: against their schemas, beside one another, and in what they refer to. */
import type { Kinds, Release } from '../kinds/kind.ts';
import { judgeObject } from '../kinds/validate.ts';
import { stepsOf, type Violation, type ViolationKind } from '../kinds/violation.ts';
import { judgeAttachments } from './attachments.ts';
import { judgeReferences, type Undecided } from './dangling.ts';
import { valueAt } from './fields.ts';
import type { Finding } from './finding.ts';
import type { Applied, Manifest, ManifestObject } from './manifest.ts';
import { installedBy, standing, type Installed } from './installed.ts';
import { judgePlaces } from './places.ts';
import { judgeSwitches } from './switches.ts';
import { judgeTranslation } from './translated.ts';
import { encrypted, placeholderIn } from './untold.ts';

export interface Judged {
  findings: readonly Finding[];
  /** Objects of kinds that nobody knows here. */
  unknown: readonly Manifest[];
  /** Rules that could not be judged: of which manifest, and why. */
  unjudged: readonly { manifest: Manifest; why: string }[];
  /** Names that nobody can tell where they lead. */
  undecided: readonly Undecided[];
  /** Which release each manifest was held against. */
  releases: ReadonlyMap<Manifest, Release>;
}

/** @param kinds Where kinds are looked up: definitions that are at hand before what the project brings. */
export async function judgeManifests(all: Applied, kinds: Kinds): Promise<Judged> {
  const { manifests, charts } = all;
  const unknown: Manifest[] = [];
  const findings: Finding[] = [];
  const unjudged: Judged['unjudged'][number][] = [];
  const releases = new Map<Manifest, Release>();
  const installed = installedBy(manifests, charts);
  for (const manifest of manifests) {
    const judged = await judgeObject(asSent(manifest.object), kinds);
    if (judged === undefined) {
      unknown.push(manifest);
      continue;
    }
    releases.set(manifest, judged.release);
    unjudged.push(...judged.unjudged.map((why) => ({ manifest, why })));
    const stand = standing(judged.release, installed);
    for (const violation of judged.violations) {
      if (violation.kind === 'unchecked') continue;
      const untold = placeholderIn(valueAt(manifest.object, stepsOf(placeOf(violation))));
      // A note says of the whole file that its values are not judged.
      if (untold === encrypted) continue;
      if (untold !== undefined) unjudged.push({ manifest, why: `what ${untold} stands for is not known here` });
      else if (stand.is === 'other' && mayDiffer(violation)) {
        unjudged.push({ manifest, why: ofAnother(violation, judged.release, stand.found) });
      } else findings.push(findingOf(manifest, violation, { ...judged.release, installed: stand.is === 'installed' }));
    }
  }
  const fitting = judgeReferences(all);
  return {
    findings: [
      ...findings,
      ...judgePlaces(manifests, unknown),
      ...fitting.findings,
      ...judgeAttachments(manifests),
      ...judgeSwitches(all),
      ...judgeTranslation(all),
    ],
    undecided: fitting.undecided,
    unknown,
    unjudged,
    releases,
  };
}

/** As it would reach a cluster: nobody but a controller writes a status, and what has no name may ask for one. */
function asSent(object: ManifestObject): Omit<ManifestObject, 'metadata'> & { metadata: unknown } {
  const { status: _status, ...rest } = object as ManifestObject & { status?: unknown };
  const { name, ...metadata } = rest.metadata;
  return name === '' ? { ...rest, metadata } : rest;
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

/** What another release of a kind may take: a field, a version or a value more. */
const mayDiffer = (violation: Violation): boolean => isAboutRelease(violation) || violation.kind === 'unsupported';

const ofAnother = ({ message }: Violation, { name }: Release, { text, by }: Installed): string =>
  `${message} in ${name}, but ${by} installs ${text}: give its definitions with --crds`;

const isAboutRelease = ({ kind, path }: Violation): boolean => kind === 'unknown-field' || path === 'apiVersion';

function adviceFor(kind: ViolationKind, { name, installed }: Release): string {
  if (kind !== 'unknown-field') return 'Correct the value.';
  return installed
    ? 'Take the field out, or find its right name with kubectl explain.'
    : `Take the field out, or find its right name with kubectl explain. If what is installed is newer than ${name}, give its definitions with --crds.`;
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
