/** The objects in evidence as YAML, highlighted here so that no highlighter is sent to the page. */
import { codeToHtml } from 'shiki';
import { stringify } from 'yaml';
import { identityOf, toldValue } from '../../runbook/keep.ts';
import { legible } from '../../runbook/legible.ts';
import type { RunbookResult } from '../../runbook/report.ts';
import type { GatheredFact } from '../../runbook/run.ts';
import { objectKey, type ObjectsHtml } from '../../report/html.ts';

/** Longer YAML is nobody's to read on a page; a command shows the whole. */
const longestYaml = 200_000;

export async function objectsHtml({ checks }: RunbookResult, facts: readonly GatheredFact[]): Promise<ObjectsHtml> {
  const wanted = new Set(
    checks
      .flatMap(({ findings }) => findings.filter(({ outcome }) => outcome !== 'blocked'))
      .flatMap(({ evidence }) => evidence.map(({ object }) => objectKey(legible(object)))),
  );
  const found = new Map<string, object>();
  for (const { read, fact } of facts) {
    if (!fact.ok || (read.type !== 'object' && read.type !== 'list')) continue;
    for (const object of [fact.value].flat()) {
      const key = keyOf(read.kind, object);
      if (key !== undefined && wanted.has(key))
        found.set(key, legible(toldValue(read, object, () => undefined)) as object);
    }
  }
  const html = await Promise.all([...found].map(async ([key, object]) => [key, await highlight(object)] as const));
  return new Map(html);
}

/** By what a page finds an object; nothing for one whose name cannot be read. */
function keyOf(kind: string, object: unknown): string | undefined {
  const identity = identityOf(object);
  return identity && objectKey(legible({ apiVersion: '', kind, ...identity }));
}

/** What was kept of an object, as YAML. */
function highlight(object: object): Promise<string> {
  const yaml = stringify(object, { lineWidth: 0 });
  const shown =
    yaml.length <= longestYaml ? yaml : `${yaml.slice(0, longestYaml)}\n# … ${yaml.length} characters in all`;
  return codeToHtml(shown, {
    lang: 'yaml',
    themes: { light: 'vitesse-light', dark: 'vitesse-dark' },
    defaultColor: false,
  });
}
