/** The objects in evidence as YAML, highlighted here so that no highlighter is sent to the page. */
import { codeToHtml } from 'shiki';
import { stringify } from 'yaml';
import type { RunbookReport } from '../runbook/report.ts';
import type { GatheredFact } from '../runbook/run.ts';
import { objectKey, type ObjectsHtml } from '../site/runbook/report-html.ts';

interface Shown {
  kind: string;
  metadata: { name: string; namespace?: string; managedFields?: unknown };
}

const isShown = (value: unknown): value is Shown =>
  typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;

export async function objectsHtml({ checks }: RunbookReport, facts: readonly GatheredFact[]): Promise<ObjectsHtml> {
  const wanted = new Set(
    checks
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')
      .flatMap(({ evidence }) => evidence.map(({ object }) => objectKey(object))),
  );
  const found = new Map<string, Shown>();
  for (const { fact } of facts) {
    if (!fact.ok) continue;
    for (const value of [fact.value].flat()) {
      if (!isShown(value)) continue;
      const key = objectKey({ apiVersion: '', kind: value.kind, ...value.metadata });
      if (wanted.has(key)) found.set(key, value);
    }
  }
  const html = await Promise.all([...found].map(async ([key, object]) => [key, await highlight(object)] as const));
  return new Map(html);
}

/** As `kubectl get -o yaml` shows it, without the managed fields. */
const highlight = ({ metadata: { managedFields: _, ...metadata }, ...object }: Shown): Promise<string> =>
  codeToHtml(stringify({ ...object, metadata }, { lineWidth: 0 }), {
    lang: 'yaml',
    themes: { light: 'vitesse-light', dark: 'vitesse-dark' },
    defaultColor: false,
  });
