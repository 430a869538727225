/** What a result is printed as. */
import { isAbsolute, relative, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { stack } from '#stack';
import { runbooks } from '../../runbooks/index.ts';
import { manifestFindingOf } from '../manifests/runbook.ts';
import { diffItems, diffMarkdown, diffSummary, diffText } from '../report/diff.ts';
import { toGithub } from '../report/github.ts';
import { toJunit } from '../report/junit.ts';
import { toMarkdown, type LinkOf } from '../report/markdown.ts';
import type { Paint } from '../report/paint.ts';
import { toSarif, type Rule, type SarifOptions } from '../report/sarif.ts';
import { toText } from '../report/text.ts';
import { tallyText } from '../report/words.ts';
import { eachCheckOnce, findingsOf } from '../runbook/catalogue.ts';
import type { Diff } from '../runbook/diff.ts';
import { legibleJson } from '../runbook/legible.ts';
import type { Report } from '../runbook/report.ts';

export const runFormats = ['text', 'json', 'junit', 'markdown', 'sarif', 'github'] as const;
export const diffFormats = ['text', 'json', 'markdown', 'sarif', 'github'] as const;

export interface FormatOptions {
  paint: Paint;
  verbose: boolean;
  /** Who asked whom, in sentences. */
  who?: readonly string[];
  /** What stands for the place of what stands in no file: the first of the places that are judged. */
  nowhere?: string | undefined;
}

export function formatReport(report: Report, format: (typeof runFormats)[number], options: FormatOptions): string {
  const { paint, verbose, who = [] } = options;
  switch (format) {
    case 'text':
      return toText(report, { paint, verbose, who });
    case 'json':
      return legibleJson(report);
    case 'junit':
      return toJunit(report).trimEnd();
    case 'markdown':
      return toMarkdown(report, { who, linkOf: linkFrom(process.env) }).trimEnd();
    case 'sarif':
      return reportSarif(report, options);
    case 'github':
      return toGithub(
        report.checks.flatMap(({ findings }) => findings),
        { summary: `${tallyText(report.checks)}.`, pathOf: pathFrom(process.env) },
      );
  }
}

export const reportSarif = ({ checks }: Report, { nowhere }: Pick<FormatOptions, 'nowhere'> = {}): string =>
  toSarif(
    checks.flatMap(({ findings }) => findings.map((finding) => ({ finding }))),
    sarifOptions(nowhere),
  );

export function formatDiff(diff: Diff, format: (typeof diffFormats)[number], options: FormatOptions): string {
  switch (format) {
    case 'text':
      return diffText(diff, options);
    case 'json':
      return legibleJson(diff);
    case 'markdown':
      return diffMarkdown(diff, { linkOf: linkFrom(process.env) }).trimEnd();
    case 'sarif':
      return toSarif(diffItems(diff), sarifOptions(options.nowhere));
    case 'github':
      return toGithub(diff.introduced, { summary: `${diffSummary(diff)}.`, pathOf: pathFrom(process.env) });
  }
}

const sarifOptions = (nowhere: string | undefined): SarifOptions => {
  const declared = new Map<string, Rule>(
    eachCheckOnce(runbooks)
      .flatMap(findingsOf)
      .map((one) => [one.id, one]),
  );
  return {
    version: packageJson.version,
    site: stack.site.url,
    ruleOf: (id) => declared.get(id) ?? manifestFindingOf(id),
    ...(nowhere === undefined ? {} : { nowhere }),
  };
};

type Environment = Readonly<Record<string, string | undefined>>;

/** A file as GitHub knows it: by its path in the checked-out repository. */
function pathFrom({ GITHUB_WORKSPACE: workspace = '' }: Environment): (file: string) => string {
  if (workspace === '') return (file) => file;
  return (file) => {
    const path = relative(workspace, resolve(file));
    return path.startsWith('..') || isAbsolute(path) ? file : path;
  };
}

/** Where a line can be seen, in a workflow of GitHub. */
function linkFrom(env: Environment): LinkOf {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_SHA: event,
    HANDBOOK_SHA: sha = event,
  } = env;
  if (server === undefined || repository === undefined || sha === undefined) return () => undefined;
  const pathOf = pathFrom(env);
  return ({ file, line }) => {
    const path = pathOf(file).split('/').map(encodeURIComponent).join('/');
    return path.startsWith('..') || isAbsolute(path)
      ? undefined
      : `${server}/${repository}/blob/${sha}/${path}#L${line}`;
  };
}
