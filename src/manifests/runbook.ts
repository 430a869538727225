/**
 * The findings about manifests as a runbook, so that every face shows them as it shows the rest: a check for each component that
 * has manifests, one about themselves and one about what they refer to.
 */
import { defineCheck, pass, unknown, type Check, type Judgement, type ObjectRef } from '../runbook/check.ts';
import { findingId, type Finding as DeclaredFinding } from '../runbook/finding.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { sh, type Shell } from '../runbook/shell.ts';
import type { FileNote, Manifest, ManifestObject } from './manifest.ts';
import { manifestFindings, type Finding, type ManifestFinding } from './finding.ts';
import type { Judged } from './findings.ts';
import { isAttached } from './attachments.ts';
import { isTranslated } from './translated.ts';
import { keptReferences, servicePods } from './references.ts';
import { isSwitched } from './switches.ts';

export interface Components {
  /** Which component an object belongs to. */
  componentOf: (object: ObjectRef) => string;
  titleOf: (component: string) => string;
}

/** @param faults What is wrong with files that hold no object, or with how objects are built. */
export function manifestsRunbook(
  manifests: readonly Manifest[],
  judged: Judged,
  faults: readonly FileNote[],
  { componentOf, titleOf }: Components,
): Runbook {
  const of = ({ object }: Manifest): string => componentOf(refTo(object));
  const byComponent = [...Map.groupBy(manifests, of)].sort(([one], [other]) => (one < other ? -1 : 1));
  const wrongIn = Map.groupBy(judged.findings, ({ manifest }) => of(manifest));
  return {
    id: 'manifests',
    title: 'Manifests are valid',
    summary: 'Whether an API server would take the manifests, and whether what they refer to is there.',
    page: '/how-to/judge-manifests/',
    checks: [
      ...(faults.length === 0 ? [] : [canBeUsed(faults)]),
      ...byComponent.flatMap(([component, own]) => {
        const wrong = wrongIn.get(component) ?? [];
        const title = titleOf(component);
        const valid = check({
          id: `${component}/manifests-are-valid`,
          title: `The manifests of ${title} are valid`,
          why: 'What an API server refuses never reaches the cluster, and a field that it does not know does nothing.',
          ...{ of: 'valid', own: wrong },
          otherwise: () => allValid(own, judged),
        });
        const refers = own.some(
          ({ object }) =>
            keptReferences(object).length > 0 ||
            servicePods(object) !== undefined ||
            isAttached(object) ||
            isSwitched(object) ||
            isTranslated(object),
        );
        if (!refers) return [valid];
        const fits = check({
          id: `${component}/manifests-fit-together`,
          title: `What the manifests of ${title} refer to is there`,
          why: 'A name that nothing has is found out only when somebody wants to use it.',
          ...{ of: 'fits', own: wrong },
          otherwise: () => allFit(own, judged),
        });
        return [valid, fits];
      }),
    ],
  };
}

const canBeUsed = (faults: readonly FileNote[]): Check =>
  check({
    id: 'manifests/manifests-can-be-used',
    title: 'Every file of manifests can be read and built',
    why: 'Whoever applies them stops at one that cannot, and the rest of them never reaches the cluster.',
    of: 'read',
    own: faults.map(({ file, place = { line: 1, column: 1 }, message, hint }) => ({
      manifest: { file, place: () => place, object: { apiVersion: 'v1', kind: 'File', metadata: { name: file } } },
      outcome: 'failed',
      what: 'unusable',
      place,
      path: 'the file',
      observed: message,
      expected: 'manifests that can be applied',
      message: `${file} ${message}.`,
      advice: hint ?? 'Mend the file, or leave it out with --exclude.',
    })),
    otherwise: () => [pass('Every file can be read.')],
  });

const allFit = (own: readonly Manifest[], { undecided }: Judged): readonly Judgement[] => {
  const members = new Set(own);
  const open = undecided.filter(({ manifest }) => members.has(manifest));
  const [first, ...others] = open;
  if (first === undefined) return [pass('No name leads astray, as far as the manifests tell.')];
  const more = others.length === 0 ? '' : `, and ${others.length} more names are like it`;
  return [unknown(`Whether every name leads somewhere: ${first.why}${more}. What is rendered is judged.`)];
};

/** How many kinds a sentence names. */
const mostKinds = 3;

function allValid(own: readonly Manifest[], judged: Judged): readonly Judgement[] {
  const members = new Set(own);
  const unjudged = judged.unjudged
    .filter(({ manifest }) => members.has(manifest))
    .map(({ manifest: { object }, why }) =>
      unknown(`Whether ${object.kind} ${object.metadata.name} is valid: ${why}.`),
    );
  if (unjudged.length > 0) return unjudged;
  const strange = judged.unknown.filter((manifest) => members.has(manifest));
  if (strange.length > 0) {
    const kinds = [...new Set(strange.map(({ object }) => `${object.kind} (${object.apiVersion})`))];
    const more = kinds.length <= mostKinds ? '' : ` and of ${kinds.length - mostKinds} more kinds`;
    return [
      unknown(
        `No schema is known here of ${kinds.slice(0, mostKinds).join(', ')}${more}. A cluster’s own, or --crds, tell.`,
      ),
    ];
  }
  const releases = [...new Set(own.map((manifest) => judged.releases.get(manifest)?.name ?? ''))].sort();
  const objects = own.length === 1 ? 'The one object is' : `All ${own.length} objects are`;
  return [pass(`${objects} as the schemas ask (${releases.join(', ')}).`)];
}

/** What each is called in a headline, what it means, and whose business it is. */
const declared: Readonly<Record<ManifestFinding, { headline: string; means: string }>> = {
  unusable: {
    headline: '{name} cannot be used',
    means:
      'The file is no YAML, holds what is no object, or asks kustomize for what is not there. Whoever applies it stops there.',
  },
  refused: {
    headline: '{name} would be refused',
    means: 'An API server does not take the object as it stands, so what it should do is never done.',
  },
  ignored: {
    headline: '{name} says what its kind does not know',
    means:
      'The release of the kind that is known here has no such field or version. An API server drops such a field in silence.',
  },
  standsTwice: {
    headline: '{name} stands twice',
    means: 'Two manifests describe the same object. Which of them the cluster gets depends on the order of files.',
  },
  noNamespace: {
    headline: '{name} names no namespace',
    means: 'The object lands in the namespace of whoever applies it, which may be another each time.',
  },
  strayNamespace: {
    headline: '{name} is in a namespace that is declared nowhere',
    means: 'No manifest declares the namespace, and one of a very similar name is declared.',
  },
  portMissing: {
    headline: '{name} asks for a port that its Service lacks',
    means: 'The Service that is referred to has other ports. The container’s port is not the Service’s.',
  },
  targetMissing: {
    headline: '{name} refers to what is not there',
    means: 'No manifest has the object of that name, and nothing that is known here makes it.',
  },
  selectsNothing: {
    headline: '{name} selects no pod',
    means: 'No workload of the Service’s namespace has the labels that it selects.',
  },
  sectionMissing: {
    headline: '{name} names a section that is not there',
    means: 'What it hangs on has no listener, port or rule of that name or number.',
  },
  notAdmitted: {
    headline: '{name} is let in by no listener',
    means: 'The listeners that the route names take routes of other namespaces or of other kinds.',
  },
  hostnameNotTaken: {
    headline: '{name} wants a hostname that no listener takes',
    means: 'No listener that the route hangs on is for the hostname, so no request for it gets to the route.',
  },
  foreignTarget: {
    headline: '{name} is attached to what it cannot be for',
    means: 'The policy takes targets of other kinds, and does nothing here.',
  },
  switchedOff: {
    headline: '{name} is of a kind that is switched off',
    means: 'Envoy Gateway looks at objects of the kind only where its configuration says so, and it does not.',
  },
  gatewayRefused: {
    headline: '{name} is not accepted by Envoy Gateway',
    means: 'An API server takes it, and the controller does not: nothing of it is built, or not what it asks for.',
  },
  listenerRefused: {
    headline: 'A listener of {name} is refused by Envoy Gateway',
    means: 'The listener is left out of Envoy, or serves with a part of its certificates; the others work.',
  },
  parametersRefused: {
    headline: '{name} is refused by Envoy Gateway',
    means: 'The parameters are not taken, and no Gateway that goes by them is built.',
  },
  policyRefused: {
    headline: '{name} is refused by Envoy Gateway',
    means: 'The policy does not do what it says, and what it is about may be answered 500 because of that.',
  },
  routeRefused: {
    headline: 'A rule of {name} is refused by Envoy Gateway',
    means: 'What the rule takes is answered 500, or the rule is left out: no request gets where it should.',
  },
};

/** Where the page on manifests explains a finding: under a heading of its name. */
const pageOf = (what: ManifestFinding): string => `/how-to/judge-manifests/#${findingId('', what).slice(1)}`;

/** What is known of a finding by its id alone, for whoever reads a report; undefined where it is not about manifests. */
export function manifestFindingOf(id: string): { headline: string; means: string; page: string } | undefined {
  const check = id.slice(0, id.indexOf('#'));
  const what = Object.keys(declared).find((name) => findingId(check, name) === id) as ManifestFinding | undefined;
  return what !== undefined && isAboutManifests(check) ? { ...declared[what], page: pageOf(what) } : undefined;
}

const isAboutManifests = (check: string): boolean => /\/manifests-(?:can-be-used|are-valid|fit-together)$/.test(check);

/** What an API server itself says of an object as it stands. */
const saidByServer: ReadonlySet<ManifestFinding> = new Set(['refused', 'ignored']);

const declare = (what: ManifestFinding): DeclaredFinding<Finding & { name: string }> => ({
  ...declared[what],
  page: pageOf(what),
  outcome: ({ outcome }) => outcome,
  message: ({ message }) => message,
  evidence: ({ manifest, place, path, observed, expected }) => [
    { object: refTo(manifest.object), path, observed, expected, source: { file: manifest.file, ...place } },
  ],
  remedies: ({ manifest, advice }) => [
    {
      title: advice,
      commands: isShown(what, manifest) ? [dryRun(manifest)] : [],
      disturbs: isShown(what, manifest)
        ? 'Nothing: the command only asks the API server whether it would take what the file says.'
        : 'Nothing before it is merged.',
    },
  ],
});

/** Values stand in many places; a command without them would show something else. */
const isShown = (what: ManifestFinding, { builtBy }: Manifest): boolean =>
  saidByServer.has(what) && builtBy !== 'helm with values';

/** What shows the fault: of what kustomize builds, a file alone is not what an API server is sent. */
const dryRun = ({ file, builtFrom, builtBy }: Pick<Manifest, 'file' | 'builtFrom' | 'builtBy'>): Shell => {
  if (builtFrom === undefined) return sh`kubectl apply --dry-run=server --validate=strict -f ${file}`;
  return builtBy === undefined
    ? sh`kubectl kustomize ${builtFrom} | kubectl apply --dry-run=server --validate=strict -f -`
    : sh`helm template ${builtFrom} | kubectl apply --dry-run=server --validate=strict -f -`;
};

function check({
  own,
  of,
  otherwise,
  ...about
}: Pick<Check, 'id' | 'title' | 'why'> & {
  of: keyof typeof manifestFindings;
  own: readonly Finding[];
  otherwise: () => readonly Judgement[];
}): Check {
  const whats: readonly ManifestFinding[] = manifestFindings[of];
  const wrong = own.filter(({ what }) => whats.includes(what));
  return defineCheck({
    ...about,
    reads: {},
    commands: [dryRun({ file: 'FILE' })],
    findings: Object.fromEntries(whats.map((what) => [what, declare(what)])) as Record<
      ManifestFinding,
      ReturnType<typeof declare>
    >,
    judge: (_, { find }) =>
      wrong.length === 0
        ? otherwise()
        : wrong.map((one) => find[one.what]({ ...one, name: nameOf(refTo(one.manifest.object)) })),
  });
}

const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

const refTo = ({ apiVersion, kind, metadata: { namespace, name } }: ManifestObject): ObjectRef => ({
  apiVersion,
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});
