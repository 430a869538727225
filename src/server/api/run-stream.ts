/**
 * A run as a stream of events over HTTP: planned, each verdict, and the result. It ends with the page that asked for it, and whatever
 * happens the stream says how it ended.
 */
import { Refusal } from '../../formats/refusal.ts';
import type { ServerResponse } from 'node:http';
import { stack } from '#stack';
import { legible } from '../../runbook/legible.ts';
import { toMarkdown } from '../../report/markdown.ts';
import type { Inputs } from '../../runbook/read.ts';
import { resultsOf, worst, type Outcome } from '../../runbook/report.ts';
import type { Run } from '../../runbook/run.ts';
import type { Runbook } from '../../runbook/runbook.ts';
import { escapeHtml } from '../../formats/html.ts';
import { progressHtml, reportHtml, spoken } from '../../report/html.ts';
import { counted } from '../../report/words.ts';
import { linePage } from '../../site/runbook/line-strip.ts';
import { examine } from '../../sources/examine.ts';
import type { RunEvent } from './messages.ts';
import { objectsHtml } from './objects.ts';
import { pageHint } from './page-hints.ts';
import type { Source } from '../../sources/source.ts';

export interface Asked {
  runbook: Runbook;
  open: () => Promise<Source>;
  inputs: Inputs;
  /** Told how the run ended, when it came to its end. */
  ended?: (outcome: Outcome) => void;
}

/** Streams a run; false when there are too many under way already, and nothing was sent. */
export type RunStream = (asked: Asked, response: ServerResponse) => Promise<boolean>;

/** How many runs go on at once: each may hold a cluster's objects in memory and sixteen connections. */
export const most = 4;

/** How long one check may take to judge what was read: nobody else's page is answered meanwhile. */
const judgingSeconds = 5;

const bugsTo = `${stack.site.repository}/issues`;

/** @param options.deadlineMs How long a run may take, in milliseconds. */
export function createRunStream({ deadlineMs = 120_000 } = {}): RunStream {
  let underWay = 0;
  return async (asked, response) => {
    if (underWay >= most) return false;
    underWay += 1;
    try {
      await stream(asked, response, deadlineMs);
    } finally {
      underWay -= 1;
    }
    return true;
  };
}

async function stream(
  { runbook, open, inputs, ended }: Asked,
  response: ServerResponse,
  deadlineMs: number,
): Promise<void> {
  const left = new AbortController();
  const leave = (): void => left.abort(new Error('the page went away'));
  response.once('close', leave);
  // It may have gone while its cluster was looked up.
  if (response.destroyed) leave();
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const send = (event: RunEvent): void => {
    const line = `${JSON.stringify(event)}\n`;
    if (!response.writableEnded && !response.destroyed) response.write(line);
  };
  let source: Source | undefined;
  try {
    source = await open();
    const who = (source.identity ?? []).map(legible);
    send({ type: 'planned', checks: runbook.checks.map(({ id, title }) => ({ id, title })), who });
    const done = await examine(source, [runbook], {
      ...{ inputs, clusterOnly: false, deadlineMs, judgingSeconds, bugsTo, face: 'page' },
      onVerdict: (verdict) =>
        send({ type: 'verdict', id: verdict.id, outcome: verdict.outcome, html: progressHtml(verdict) }),
      signal: left.signal,
    });
    for (const { check, error } of done.bugs) tellBug(error, check);
    if (left.signal.aborted) return;
    ended?.(worst(done.report.runbooks.map(({ outcome }) => outcome)));
    send(await finished(done, who));
  } catch (error) {
    send({ type: 'problem', html: problemHtml(error) });
  } finally {
    response.end();
    await source?.close();
  }
}

async function finished(done: Run, who: readonly string[]): Promise<RunEvent> {
  const { report, facts, stopped } = done;
  const [own] = resultsOf(report);
  if (own === undefined) throw new Error('The report holds no runbook.');
  const { requests, durationMs } = report;
  return {
    type: 'finished',
    outcome: own.outcome,
    html: reportHtml(own, {
      note: `${counted(requests, 'request')} in ${durationMs < 1000 ? `${durationMs} ms` : `${(durationMs / 1000).toFixed(1)} s`}`,
      ...(report.notice === undefined ? {} : { notice: report.notice.message }),
      ...linePage,
      objects: await objectsHtml(own, facts),
    }),
    markdown: toMarkdown(report, { who }),
    spoken: spoken(own),
    components: Object.fromEntries(
      own.checks.filter(({ outcome }) => outcome === 'failed').map(({ component, outcome }) => [component, outcome]),
    ),
    stopped,
  };
}

/** Says in the page what went wrong; of a bug the details are for the dev server's own terminal. */
function problemHtml(error: unknown): string {
  if (!(error instanceof Refusal)) {
    tellBug(error);
    return paragraphs(
      'This is a bug in the handbook, not in your cluster.',
      `The terminal of the dev server says more. Please report it at ${bugsTo}.`,
    );
  }
  return paragraphs(error.message, pageHint(error));
}

const paragraphs = (message: string, hint: string): string =>
  `<p class="rb-problem"><strong>${escapeHtml(message)}</strong></p><p>${escapeHtml(hint)}</p>`;

function tellBug(error: unknown, check?: string): void {
  const about = check === undefined ? '' : `${check}: `;
  console.error(
    legible(
      `A bug in the handbook: ${about}${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ),
  );
}
