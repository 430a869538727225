/**
 * The local API: what there is to ask, a run as a stream of events, and the practice cluster. It reads; only the practice cluster,
 * which is in this process's memory, is written to.
 *
 * Nothing that arrives is used as it is: runbooks, contexts and scenarios are looked up in closed sets, and what is found
 * there is used instead. Inputs must be declared by the runbook and match what it declares.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { runbooks } from '../../../runbooks/index.ts';
import { loadFaults } from '../../demo/node/faults.ts';
import { isTrouble } from '../../../packages/apiserver/node/trouble.ts';
import { checkInputs } from '../../runbook/inputs.ts';
import { legible } from '../../runbook/legible.ts';
import type { Inputs } from '../../runbook/read.ts';
import type { Outcome } from '../../runbook/report.ts';
import { isOthers } from '../fence/account.ts';
import { apiPath, type Door } from '../fence/door.ts';
import { refusal } from '../fence/guard.ts';
import { listSources, type KubeconfigOptions } from './choices.ts';
import type { Sources } from './messages.ts';
import { Practice } from './practice.ts';
import { createRunStream, most, type RunStream } from './run-stream.ts';
import { openSource } from '../../sources/open.ts';
import type { Source } from '../../sources/source.ts';

/** The practice cluster, where a run chooses whom to ask. */
const practiceSource = 'practice';

const tooMany = `${most} runs are under way already, on this page or another.`;

export interface ApiOptions extends KubeconfigOptions {
  door: Door;
}

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function createApi(options: ApiOptions, practice = new Practice()): Handler {
  const stream = createRunStream();
  return (request, response, next) => {
    if (!request.url?.startsWith(apiPath) || !URL.canParse(request.url, 'http://localhost')) return next();
    const url = new URL(request.url, 'http://localhost');
    // A connection that breaks is the caller's affair: what is sent after that is sent to nobody.
    for (const end of [request, response]) end.on('error', () => undefined);
    const { method, headers, socket } = request;
    const deed = deeds[url.pathname.slice(apiPath.length)];
    const caller = { method, headers, remoteAddress: socket.remoteAddress, isOthers: isOthers(socket) };
    const isEntry = url.pathname === `${apiPath}enter`;
    const refused = refusal(caller, options.door.origins, deed !== undefined || isEntry ? 'POST' : 'GET');
    if (refused !== undefined) return answer(response, refused.status, { error: refused.message });
    if (isEntry) return enter(options.door, request, response);
    const isGuest = !options.door.isOpenTo(headers);
    const answering =
      deed === undefined
        ? route(url, response, { ...options, practice, stream, isGuest })
        : act(deed, url, practice, response);
    void answering.catch((error: unknown) => {
      // Only a bug comes here; its details belong in the server's own terminal.
      console.error(legible(error instanceof Error ? (error.stack ?? error.message) : String(error)));
      if (response.headersSent) response.end();
      else answer(response, 500, { error: 'The local API failed; the dev server’s terminal says where.' });
    });
  };
}

/** Exchanges the secret of a link for a key. */
function enter(door: Door, { headers }: IncomingMessage, response: ServerResponse): void {
  const cookie = door.enter(headers);
  if (cookie === undefined) return answer(response, 401, { error: usedLink });
  response.setHeader('set-cookie', cookie);
  answer(response, 200, {});
}

const usedLink =
  'This link has been used, or a newer one was printed. Press Enter in the handbook’s terminal for another, or start it again.';
const needsLink =
  'The clusters of a kubeconfig are asked only by a page that came in through the link that the handbook’s terminal printed: open the newest.';

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}

/** Does something to the practice cluster; false when the choice is none. */
type Deed = (practice: Practice, query: URLSearchParams) => boolean | Promise<boolean>;

const done = async (deed: void | Promise<void>): Promise<boolean> => {
  await deed;
  return true;
};

/** What changes the practice cluster, and takes POST. */
const deeds: Readonly<Record<string, Deed | undefined>> = Object.assign(Object.create(null) as object, {
  'practice/break': (practice, query) => {
    const fault = loadFaults().find(({ id }) => id === query.get('fault'));
    return fault !== undefined && done(practice.break(fault));
  },
  'practice/surprise': (practice) => done(practice.surprise()),
  'practice/reveal': (practice) => done(practice.reveal()),
  'practice/reset': (practice) => done(practice.break(undefined)),
  'practice/mend': (practice) => done(practice.mend()),
  'practice/trouble': (practice, query) => {
    const kind = query.get('kind') ?? '';
    return (kind === '' || isTrouble(kind)) && done(practice.makeTrouble(kind === '' ? null : kind));
  },
} satisfies Record<string, Deed>);

async function act(deed: Deed, url: URL, practice: Practice, response: ServerResponse): Promise<void> {
  const isDone = await deed(practice, url.searchParams);
  if (!isDone) return answer(response, 404, { error: 'There is no such choice: reload the page.' });
  answer(response, 200, practice.state());
}

interface Served extends ApiOptions {
  practice: Practice;
  stream: RunStream;
  /** Whether the page did not come in through the link. */
  isGuest: boolean;
}

async function route(url: URL, response: ServerResponse, options: Served): Promise<void> {
  switch (url.pathname.slice(apiPath.length)) {
    case 'sources':
      return answer(response, 200, await offeredSources(options));
    case 'practice':
      return answer(response, 200, options.practice.state());
    case 'run': {
      const runbook = runbooks.find(({ id }) => id === url.searchParams.get('runbook'));
      if (runbook === undefined) return answer(response, 404, { error: 'There is no such runbook.' });
      if (options.isGuest && url.searchParams.get('source')?.startsWith('live:'))
        return answer(response, 401, { error: needsLink });
      const open = await choose(url.searchParams.get('source') ?? '', options);
      if (open === undefined)
        return answer(response, 404, { error: 'There is no such cluster or scenario: reload the page.' });
      const checked = checkInputs([runbook], givenInputs(url.searchParams));
      if (!checked.ok) return answer(response, 400, { error: `${checked.message} ${checked.why ?? checked.hint}` });
      const { practice } = options;
      let start = practice.starts;
      const asked =
        url.searchParams.get('source') === practiceSource
          ? {
              open: async () => {
                const source = await practice.source();
                start = practice.starts;
                return source;
              },
              ended: (outcome: Outcome) => practice.judged(runbook.id, outcome, start),
            }
          : { open };
      const isTaken = await options.stream({ runbook, inputs: checked.inputs, ...asked }, response);
      if (!isTaken) {
        response.setHeader('retry-after', '2');
        return answer(response, 429, { error: `${tooMany} Wait until one of them has ended, and run this again.` });
      }
      return;
    }
    default:
      return answer(response, 404, { error: 'The local API has no such path.' });
  }
}

/** What the caller may choose from: for a guest, no name of a context, user, server or file is in it. */
async function offeredSources(options: Served): Promise<Sources> {
  const all = await listSources(options);
  if (!options.isGuest) return all;
  const message = 'There is no cluster of a kubeconfig to ask: the handbook’s terminal says why.';
  const problem = all.live.length > 0 || all.problem === null ? null : { message, hint: '' };
  return { ...all, live: [], withheld: all.live.length, problem, explicit: false };
}

async function choose(value: string, options: Served): Promise<(() => Promise<Source>) | undefined> {
  if (value === practiceSource) return () => options.practice.source();
  const sources = await offeredSources(options);
  const live = sources.live.find((choice) => choice.value === value);
  if (live !== undefined) {
    const { kubeconfig } = options;
    return () =>
      openSource({ source: 'live', context: live.label, ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  }
  const demo = sources.demo.find((choice) => choice.value === value);
  return demo && (() => openSource({ source: 'demo', scenario: demo.value.slice('demo:'.length) }));
}

/** The query parameters `input.<name>`; whether there are such inputs is for their runbook to say. */
const givenInputs = (query: URLSearchParams): Inputs =>
  Object.fromEntries(
    [...query].filter(([key]) => key.startsWith('input.')).map(([key, text]) => [key.slice('input.'.length), text]),
  );
