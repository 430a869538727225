/**
 * Findings as SARIF 2.1.0 [OASIS, errata 01], which code hosts and editors show beside the lines. What is found again keeps its fingerprint
 * wherever its lines have moved to.
 */
import { objectName } from '../runbook/judgement.ts';
import { legible } from '../runbook/legible.ts';
import type { Finding } from '../runbook/report.ts';
import { sentencesOf, sourceOf } from './words.ts';

/** What is known of a finding before anything is found. */
export interface Rule {
  /** Names of objects stand in braces. */
  headline: string;
  means: string;
  /** Path of the page that explains it. */
  page: string;
}

export interface SarifOptions {
  /** The program's version, as Semantic Versioning has it. */
  version: string;
  /** Where the handbook is published. */
  site: string;
  ruleOf: (finding: string) => Rule | undefined;
  /** What stands for the place of a finding about what stands in no file; without it such a finding has no file. */
  nowhere?: string;
}

/** A finding, and in a comparison what became of it. */
export interface SarifItem {
  finding: Finding;
  baselineState?: 'new' | 'unchanged' | 'absent';
}

const levels = { failed: 'error', warned: 'warning', blocked: 'note' } as const;

export function toSarif(found: readonly SarifItem[], options: SarifOptions): string {
  const items = legible(found);
  const ids = [...new Set(items.map(({ finding }) => finding.id))].sort();
  const seen = new Map<string, number>();
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'runbook',
            semanticVersion: options.version,
            informationUri: new URL('/how-to/judge-manifests/', options.site).href,
            rules: ids.map((id) => ruleFor(id, items, options)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: items.map((item) => resultFor(item, ids.indexOf(item.finding.id), seen, options)),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function ruleFor(id: string, items: readonly SarifItem[], { ruleOf, site }: SarifOptions): object {
  // Of a finding that another version of the program has found nothing is known but the finding itself.
  const one = items.find(({ finding }) => finding.id === id)?.finding;
  const { headline, means, page } = ruleOf(id) ?? {
    headline: one?.headline ?? id,
    means: one?.message ?? id,
    page: one?.page ?? '/',
  };
  const short = headline.replaceAll(/\{[a-zA-Z]+\}/g, '…');
  const helpUri = new URL(page, site).href;
  return {
    id,
    shortDescription: { text: short },
    fullDescription: { text: means },
    help: { text: `${means} ${helpUri}`, markdown: `${means}\n\n[What this finding means](${helpUri})` },
    helpUri,
    defaultConfiguration: { level: levels[one?.outcome ?? 'failed'] },
    properties: { tags: [id.slice(0, id.indexOf('/'))] },
  };
}

function resultFor(
  { finding, baselineState }: SarifItem,
  ruleIndex: number,
  seen: Map<string, number>,
  options: SarifOptions,
): object {
  const { id, outcome, evidence, accepted } = finding;
  const [first] = evidence;
  const related = evidence.slice(1).filter(({ source }) => source !== null);
  return {
    ruleId: id,
    ruleIndex,
    level: levels[outcome],
    message: { text: sentencesOf(finding).join('\n') },
    locations: [
      {
        ...physical(sourceOf(finding) ?? (options.nowhere === undefined ? null : { file: options.nowhere })),
        ...(first === undefined
          ? {}
          : { logicalLocations: [{ fullyQualifiedName: objectName(first.object), kind: 'object' }] }),
      },
    ],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map(({ source, object, path }) => ({
            ...physical(source),
            message: { text: `${objectName(object)}: ${path}` },
          })),
        }),
    partialFingerprints: { 'finding/v1': fingerprint(finding, seen) },
    ...(baselineState === undefined ? {} : { baselineState }),
    suppressions:
      accepted === null
        ? []
        : [{ kind: 'external', status: 'accepted', justification: `Until ${accepted.until}: ${accepted.reason}` }],
  };
}

/** What a finding is known by from one run to the next: id, object and field; and which of them, where several are alike. */
function fingerprint({ id, evidence: [first] }: Finding, seen: Map<string, number>): string {
  const text = [id, ...(first === undefined ? [] : [objectName(first.object), first.path])].join(' ');
  const before = seen.get(text) ?? 0;
  seen.set(text, before + 1);
  return before === 0 ? text : `${text} ${before + 1}`;
}

function physical(source: { file: string; line?: number; column?: number } | null): object {
  if (source === null) return {};
  const { file, line = 1, column = 1 } = source;
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line, startColumn: column } },
  };
}

/** A path as a URI: relative to where the program was called, or of a file. */
function uriOf(file: string): string {
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}
