/**
 * The local API: what there is to ask, and a run as a stream of events.
 *
 * Nothing that arrives is used as it is: runbooks, contexts and scenarios are looked up in closed sets, and what is found
 * there is used instead. Inputs must be declared by the runbook and match what it declares.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../demo/faults.ts';
import { toMarkdown } from '../runbook/markdown.ts';
import { checkInputs } from '../runbook/inputs.ts';
import type { Inputs } from '../runbook/read.ts';
import { run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { escapeHtml } from '../site/html.ts';
import { progressHtml, reportHtml } from '../site/runbook/report-html.ts';
import { refusal } from './guard.ts';
import { objectsHtml } from './objects.ts';
import { openSource, type Choice } from './sources.ts';

export const apiPath = '/_runbook/';

/** What the page may choose from. */
export interface Sources {
  live: readonly { value: string; label: string; detail: string; current: boolean }[];
  demo: readonly { value: string; label: string; runbook: string | null }[];
  /** Why none of the live clusters is chosen already, or there is none. */
  problem: { message: string; hint: string } | null;
  /** Whether somebody named the cluster when the server was started: then no earlier choice counts. */
  explicit: boolean;
}

/** What a run says while it goes on, one JSON object a line. */
export type RunEvent =
  | { type: 'planned'; checks: readonly { id: string; title: string }[] }
  | { type: 'verdict'; id: string; outcome: string; html: string }
  | { type: 'finished'; outcome: string; html: string; markdown: string; components: Readonly<Record<string, string>> }
  | { type: 'problem'; html: string };

export interface ApiOptions {
  token: string;
  /** As given to the dev server; the usual rules apply when left out. */
  kubeconfig?: string;
  context?: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function createApi(options: ApiOptions): Handler {
  return (request, response, next) => {
    if (!request.url?.startsWith(apiPath) || !URL.canParse(request.url, 'http://localhost')) return next();
    const url = new URL(request.url, 'http://localhost');
    const { method, headers, socket } = request;
    const refused = refusal({ method, headers, remoteAddress: socket.remoteAddress }, options.token);
    if (refused !== undefined) return answer(response, refused.status, { error: refused.message });
    void route(url, request, response, options).catch((error: unknown) => {
      // Only a bug comes here; its details belong in the server's own terminal.
      console.error(error);
      if (response.headersSent) response.end();
      else answer(response, 500, { error: 'The local API failed; the dev server’s terminal says where.' });
    });
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}

async function route(url: URL, request: IncomingMessage, response: ServerResponse, options: ApiOptions): Promise<void> {
  switch (url.pathname.slice(apiPath.length)) {
    case 'sources':
      return answer(response, 200, await listSources(options));
    case 'run': {
      const runbook = runbooks.find(({ id }) => id === url.searchParams.get('runbook'));
      if (runbook === undefined) return answer(response, 404, { error: 'There is no such runbook.' });
      const choice = await choose(url.searchParams.get('source') ?? '', options);
      if (choice === undefined)
        return answer(response, 404, { error: 'There is no such cluster or scenario: reload the page.' });
      const checked = checkInputs([runbook], givenInputs(url.searchParams));
      if (!checked.ok) return answer(response, 400, { error: `${checked.message} ${checked.hint}` });
      return stream(runbook, choice, checked.inputs, request, response);
    }
    default:
      return answer(response, 404, { error: 'The local API has no such path.' });
  }
}

export async function listSources({ kubeconfig, context }: Omit<ApiOptions, 'token'>): Promise<Sources> {
  const demo = [
    { value: 'demo:healthy', label: 'Nothing is broken', runbook: null },
    ...loadFaults().map(({ id, title, runbook }) => ({ value: `demo:${id}`, label: title, runbook })),
  ];
  const { chooseTarget, KubeconfigError, listContexts, loadKubeconfig } = await import('../cluster/kubeconfig.ts');
  const explicit = kubeconfig !== undefined || context !== undefined;
  const options = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  let live: Sources['live'] = [];
  try {
    live = listContexts(options).map(({ name, server, user, current }) => ({
      value: `live:${name}`,
      label: name,
      detail: `${server ?? 'no server'} as ${user === '' ? 'nobody in particular' : user}`,
      current,
    }));
    chooseTarget(loadKubeconfig(options), context);
    return { live, demo, problem: null, explicit };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return { live, demo, problem: { message: error.message, hint: error.hint }, explicit };
  }
}

async function choose(value: string, options: ApiOptions): Promise<Choice | undefined> {
  const sources = await listSources(options);
  const live = sources.live.find((choice) => choice.value === value);
  if (live !== undefined) {
    return {
      source: 'live',
      context: live.label,
      ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    };
  }
  const demo = sources.demo.find((choice) => choice.value === value);
  return demo && { source: 'demo', scenario: demo.value.slice('demo:'.length) };
}

/** The query parameters `input.<name>`; whether there are such inputs is for their runbook to say. */
const givenInputs = (query: URLSearchParams): Inputs =>
  Object.fromEntries(
    [...query].filter(([key]) => key.startsWith('input.')).map(([key, text]) => [key.slice('input.'.length), text]),
  );

async function stream(
  runbook: Runbook,
  choice: Choice,
  inputs: Inputs,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const send = (event: RunEvent): void => void (request.destroyed || response.write(`${JSON.stringify(event)}\n`));
  send({ type: 'planned', checks: runbook.checks.map(({ id, title }) => ({ id, title })) });
  let source;
  try {
    source = await openSource(choice);
  } catch (error) {
    send({ type: 'problem', html: problemHtml(error) });
    return void response.end();
  }
  try {
    const done = await run({
      runbooks: [runbook],
      cluster: source.cluster,
      ...(source.probes === undefined ? {} : { probes: source.probes }),
      inputs,
      onVerdict: (verdict) =>
        send({ type: 'verdict', id: verdict.id, outcome: verdict.outcome, html: progressHtml(verdict) }),
    });
    const [own] = done.report.runbooks;
    if (own === undefined) return;
    const { requests, durationMs } = done.report;
    send({
      type: 'finished',
      outcome: own.outcome,
      html: reportHtml(own, {
        note: `${requests} requests in ${durationMs < 1000 ? `${durationMs} ms` : `${(durationMs / 1000).toFixed(1)} s`}`,
        objects: await objectsHtml(own, done.facts),
      }),
      markdown: toMarkdown(done.report),
      components: Object.fromEntries(
        own.checks.filter(({ outcome }) => outcome === 'failed').map(({ component, outcome }) => [component, outcome]),
      ),
    });
  } finally {
    await source.close();
    response.end();
  }
}

function problemHtml(error: unknown): string {
  const { message, hint } = error as { message?: string; hint?: string };
  return `<p class="rb-problem"><strong>${escapeHtml(message ?? String(error))}</strong></p>${hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`}`;
}
