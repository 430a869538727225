/**
 * The findings about manifests as a runbook, so that every face shows them as it shows the rest: a check for each component that
 * has manifests, one about themselves and one about what they refer to.
 */
import { defineCheck, pass, unknown, type Check, type Judgement, type ObjectRef } from '../runbook/check.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { sh } from '../runbook/shell.ts';
import type { Manifest, ManifestObject } from './files.ts';
import type { Finding, Judged } from './findings.ts';
import { referencesOf, selectorOf } from './references.ts';

export interface Components {
  /** Which component an object belongs to. */
  componentOf: (object: ObjectRef) => string;
  titleOf: (component: string) => string;
}

export function manifestsRunbook(
  manifests: readonly Manifest[],
  judged: Judged,
  { componentOf, titleOf }: Components,
): Runbook {
  const { findings } = judged;
  const of = ({ object }: Manifest): string => componentOf(refTo(object));
  const components = [...new Set(manifests.map(of))].sort();
  return {
    id: 'manifests',
    title: 'Manifests are valid',
    summary: 'Whether an API server would take the manifests, and whether what they refer to is there.',
    page: '/how-to/judge-manifests/',
    checks: components.flatMap((component) => {
      const own = manifests.filter((manifest) => of(manifest) === component);
      const wrong = findings.filter(({ manifest }) => own.includes(manifest));
      const title = titleOf(component);
      const valid = check({
        id: `${component}/manifests-are-valid`,
        title: `The manifests of ${title} are valid`,
        component,
        why: 'What an API server refuses never reaches the cluster, and a field that it does not know does nothing.',
        findings: wrong.filter(({ about }) => about === 'manifest'),
        otherwise: () => allValid(own, judged),
      });
      const refers = own.filter(({ object }) => referencesOf(object).length > 0 || selectorOf(object) !== undefined);
      if (refers.length === 0) return [valid];
      const fits = check({
        id: `${component}/manifests-fit-together`,
        title: `What the manifests of ${title} refer to is there`,
        component,
        why: 'A name that nothing has is found out only when somebody wants to use it.',
        findings: wrong.filter(({ about }) => about === 'reference'),
        otherwise: () => [pass('No name leads astray, as far as the manifests tell.')],
      });
      return [valid, fits];
    }),
  };
}

function allValid(own: readonly Manifest[], judged: Judged): readonly Judgement[] {
  const open = judged.unjudged.filter(({ manifest }) => own.includes(manifest));
  const unjudged = open.map(({ manifest, why }) =>
    unknown(`Whether ${refTo(manifest.object).kind} ${manifest.object.metadata.name} is valid: ${why}.`),
  );
  if (unjudged.length > 0) return unjudged;
  const strange = own.filter((manifest) => judged.unknown.includes(manifest));
  if (strange.length > 0) {
    const kinds = [...new Set(strange.map(({ object }) => `${object.kind} (${object.apiVersion})`))];
    return [unknown(`Whether every ${kinds.join(' and ')} is valid: no schema of it is known here.`)];
  }
  const releases = [...new Set(own.map((manifest) => judged.releases.get(manifest)?.name ?? ''))].sort();
  const objects = own.length === 1 ? 'The one object is' : `All ${own.length} objects are`;
  return [pass(`${objects} as the schemas ask (${releases.join(', ')}).`)];
}

function check({
  findings,
  otherwise,
  ...about
}: Pick<Check, 'title' | 'component' | 'why'> & {
  id: Check['id'];
  findings: readonly Finding[];
  otherwise: () => readonly Judgement[];
}): Check {
  return defineCheck({
    ...about,
    reads: {},
    commands: [sh`kubectl apply --dry-run=server --validate=strict -f FILE`],
    judge: () => (findings.length === 0 ? otherwise() : findings.map(toJudgement)),
  });
}

function toJudgement({ outcome, manifest, line, path, observed, expected, message, advice }: Finding): Judgement {
  const { object, file } = manifest;
  return {
    outcome,
    message: `${file}:${line}: ${message}`,
    evidence: [{ object: refTo(object), path, observed, expected }],
    commands: [sh`kubectl apply --dry-run=server --validate=strict -f ${file}`],
    remedies: [
      {
        title: `${file}:${line}: ${advice}`,
        commands: [sh`kubectl apply --dry-run=server --validate=strict -f ${file}`],
        disturbs: 'Nothing: the file is changed, and the command only asks the API server whether it would take it.',
      },
    ],
  };
}

const refTo = ({ apiVersion, kind, metadata: { namespace, name } }: ManifestObject): ObjectRef => ({
  apiVersion,
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});
