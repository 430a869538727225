/**
 * What each type of read asks the API server, and what it makes of the answers.
 */
import { z } from 'zod';
import { problem, value, type Fact } from '../runbook/fact.ts';
import { crdName, kinds, type KindName } from '../runbook/kinds.ts';
import type { ClusterRead, ListRead, LogRead, ObjectRead } from '../runbook/read.ts';
import { isUnknownPath, notKubernetes, parseAs, said, unsuccessful } from './answer.ts';
import type { Ask } from './ask.ts';
import { json, logRequest, resourceRequest } from './paths.ts';

/** As kubectl does. */
const pageSize = '500';

export async function answerRead(ask: Ask, read: ClusterRead): Promise<Fact> {
  switch (read.type) {
    case 'object':
      return inServedVersion(read.kind, (version) => readObject(ask, read, version));
    case 'list':
      return inServedVersion(read.kind, (version) => readList(ask, read, version));
    case 'log':
      return readLog(ask, read);
  }
}

export async function readVersion(ask: Ask): Promise<Fact<string>> {
  const answer = await ask({ path: '/version', accept: json });
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return unsuccessful(answer.value);
  const version = parseAs(z.object({ gitVersion: z.string() }), answer.value);
  return version === undefined ? notKubernetes(answer.value) : value(version.gitVersion);
}

/** The server does not serve the kind in this version. */
type UnknownKind = 'unknown-kind';

/** Asks in each version of a kind, in order of preference, until the server knows one. */
async function inServedVersion(kind: KindName, read: (version: string) => Promise<Fact | UnknownKind>): Promise<Fact> {
  const { group, versions } = kinds[kind];
  for (const version of versions) {
    const fact = await read(version);
    if (fact !== 'unknown-kind') return fact;
  }
  // Built-in groups have no dot, and no API server is without them.
  return group.includes('.')
    ? problem(
        'kind-not-installed',
        `the server serves no ${crdName(kind)} in ${versions.join(' or ')} (404), so their CustomResourceDefinition is not installed. Install the component that brings it`,
      )
    : problem(
        'malformed',
        'it does not know this built-in kind (404). Is this the address of a Kubernetes API server?',
      );
}

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

async function readObject(ask: Ask, read: ObjectRead, version: string): Promise<Fact | UnknownKind> {
  const answer = await ask(resourceRequest(kinds[read.kind], version, { namespace: read.namespace, name: read.name }));
  if (!answer.ok) return answer;
  if (isUnknownPath(answer.value)) return 'unknown-kind';
  if (answer.value.status !== 200) return unsuccessful(answer.value);
  const found = parseAs(object, answer.value);
  if (found === undefined) return notKubernetes(answer.value);
  return found.kind === read.kind ? value(found) : otherKind(found.kind, read.kind);
}

const list = z.object({
  kind: z.string(),
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  // Items of a built-in kind's list do not say what they are.
  items: z.array(object.partial({ apiVersion: true, kind: true })).nullable(),
});

async function readList(ask: Ask, read: ListRead, version: string): Promise<Fact | UnknownKind> {
  const paged = await readPages(ask, read, version, pageSize);
  if (paged !== 'expired') return paged;
  // The snapshot behind the pages expired while they were read: once more without pages, as client-go does.
  const whole = await readPages(ask, read, version, undefined);
  return whole === 'expired'
    ? problem('malformed', 'it says that the list expired (410), though it was asked for in one piece')
    : whole;
}

async function readPages(
  ask: Ask,
  read: ListRead,
  version: string,
  limit: string | undefined,
): Promise<Fact<unknown[]> | UnknownKind | 'expired'> {
  const kind = kinds[read.kind];
  const apiVersion = kind.group === '' ? version : `${kind.group}/${version}`;
  const labelSelector = selector(read.labels);
  const fieldSelector = selector(read.fields);
  const items: unknown[] = [];
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const query = { labelSelector, fieldSelector, limit, continue: token };
    const answer = await ask(resourceRequest(kind, version, { namespace: read.namespace, query }));
    if (!answer.ok) return answer;
    if (isUnknownPath(answer.value)) return 'unknown-kind';
    if (answer.value.status === 410) return 'expired';
    if (answer.value.status !== 200) return unsuccessful(answer.value);
    const page = parseAs(list, answer.value);
    if (page === undefined) return notKubernetes(answer.value);
    if (page.kind !== `${read.kind}List`) return otherKind(page.kind, `${read.kind}List`);
    for (const item of page.items ?? []) items.push({ apiVersion, kind: read.kind, ...item });
    token = page.metadata?.continue || undefined;
    if (token === undefined) return value(items);
    if (seen.has(token)) return problem('malformed', 'it hands out the same page again and again');
    seen.add(token);
  }
}

const selector = (wanted: Readonly<Record<string, string>> | undefined): string | undefined =>
  wanted &&
  Object.entries(wanted)
    .map(([key, wantedValue]) => `${key}=${wantedValue}`)
    .join(',');

const otherKind = (got: string, wanted: string): Fact<never> =>
  problem('malformed', `the server answered with the kind ${got}, not ${wanted}`);

async function readLog(ask: Ask, read: LogRead): Promise<Fact<string>> {
  const answer = await ask(logRequest(read));
  if (!answer.ok) return answer;
  const { status, text, contentType } = answer.value;
  // The API server sends a log as plain text; a page is somebody else's.
  if (status === 200) return contentType.startsWith('text/html') ? notKubernetes(answer.value) : value(text);
  // No such container, or one that has not started: there is no log (yet).
  return status === 400
    ? problem('not-found', `there is no such log (${said(answer.value)})`)
    : unsuccessful(answer.value);
}
