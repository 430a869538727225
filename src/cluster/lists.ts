/** A list, page by page, as far as there are pages and as far as its objects are the ones that were asked for. */
import { z } from 'zod';
import { problem, value, type Fact } from '../runbook/fact.ts';
import type { Kind } from '../runbook/kinds.ts';
import { missing, notKubernetes, parseAs, unsuccessful } from './answer.ts';
import { mostItems, mostPageBytes, mostPages, mostWholeBytes } from './budget.ts';
import { resourceRequest } from './paths.ts';
import { apiVersionOf, other, type Server, type UnknownKind } from './server.ts';

/** As kubectl does. */
const pageSize = 500;

/** Which objects are wanted. */
export interface Listing {
  kind: string;
  of: Kind;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  fields?: Readonly<Record<string, string>>;
  /** Objects of one page, where they are so long that fewer are better. */
  pageSize?: number;
  /** Which of them are worth their memory; all when left out. */
  keep?: (item: Readonly<Record<string, unknown>>) => boolean;
  /** What lets a user list them who may not, as a sentence. */
  remedy?: string;
}

const pageSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(z.unknown()).nullable(),
});

/** Of the rest of an item the checks say what is wrong with it, each for itself. */
const itemSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

export async function readList(server: Server, read: Listing, version: string): Promise<Fact<unknown[]> | UnknownKind> {
  const paged = await readPages(server, read, version, String(read.pageSize ?? pageSize));
  if (paged !== 'expired') return paged;
  // The snapshot behind the pages expired while they were read: once more without pages, as client-go does.
  const whole = await readPages(server, read, version, undefined);
  return whole === 'expired'
    ? problem('malformed', 'it says that the list expired (410), though it was asked for in one piece')
    : whole;
}

interface Wanted {
  apiVersion: string;
  kind: string;
}

async function readPages(
  server: Server,
  read: Listing,
  version: string,
  limit: string | undefined,
): Promise<Fact<unknown[]> | UnknownKind | 'expired'> {
  const of = { apiVersion: apiVersionOf(read.of.group, version), kind: read.kind };
  const items: unknown[] = [];
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = await readPage(server, read, version, { limit, token });
    if (typeof page === 'string') return page;
    if (!page.ok) return page;
    const { kind, apiVersion, metadata } = page.value;
    if (kind !== `${of.kind}List` || apiVersion !== of.apiVersion) {
      return other(`${apiVersion} ${kind}`, `${of.apiVersion} ${of.kind}List`);
    }
    const fault = addItems(items, page.value.items ?? [], read, of);
    if (fault !== undefined) return problem('malformed', fault);
    server.proof.give();
    token = metadata?.continue || undefined;
    const excess = tooMuch(items.length, token, seen);
    if (excess !== undefined) return problem('malformed', excess);
    if (token === undefined) return value(items);
    seen.add(token);
  }
}

async function readPage(
  { ask }: Server,
  read: Listing,
  version: string,
  { limit, token }: { limit: string | undefined; token: string | undefined },
): Promise<Fact<z.infer<typeof pageSchema>> | UnknownKind | 'expired'> {
  const kind = read.of;
  const selectors = { labelSelector: selector(read.labels), fieldSelector: selector(read.fields) };
  const query = { ...selectors, limit, continue: token };
  const request = resourceRequest(kind, version, { namespace: read.namespace, query });
  const answer = await ask(request, limit === undefined ? mostWholeBytes : mostPageBytes);
  if (!answer.ok) return answer;
  if (missing(answer.value, kind) === 'kind') return 'unknown-kind';
  if (answer.value.status === 410) return 'expired';
  if (answer.value.status !== 200) return unsuccessful(answer.value, read.remedy);
  const page = parseAs(pageSchema, answer.value);
  return page === undefined ? notKubernetes(answer.value) : value(page);
}

/** Adds what is found to the items; what is wrong with one that cannot be one of them, in words. */
function addItems(items: unknown[], found: readonly unknown[], read: Listing, of: Wanted): string | undefined {
  for (const one of found) {
    const item = itemSchema.safeParse(one).data;
    const fault = item === undefined ? 'has no metadata with a name' : foreign(item, read, of);
    if (fault !== undefined) return `item ${items.length} of the list ${fault}, so the answer is not to be trusted`;
    if (item !== undefined && read.keep?.(item) !== false) items.push({ ...of, ...item });
  }
  return undefined;
}

/** Why no further page is asked for, though there may be more. */
function tooMuch(items: number, token: string | undefined, seen: ReadonlySet<string>): string | undefined {
  if (items > mostItems) return endless(`${mostItems} objects`);
  if (token === undefined) return undefined;
  if (seen.has(token)) return 'it hands out the same page again and again';
  return seen.size + 1 >= mostPages ? endless(`${mostPages} pages (${items} objects)`) : undefined;
}

const endless = (much: string): string =>
  `the list does not end: there is more after ${much}, which is more than a runbook can look at. Does something create these objects again and again?`;

/** In what an item is not one of those that were asked for, if it is not. */
function foreign(item: z.infer<typeof itemSchema>, read: Listing, of: Wanted) {
  // Items of a built-in kind's list do not say what they are.
  const { apiVersion = of.apiVersion, kind = of.kind, metadata } = item;
  if (kind !== of.kind || apiVersion !== of.apiVersion) return 'is of another kind';
  if (read.namespace !== undefined && metadata['namespace'] !== read.namespace) return 'is of another namespace';
  const labels = (metadata['labels'] ?? {}) as Readonly<Record<string, unknown>>;
  const isChosen = Object.entries(read.labels ?? {}).every(([key, wanted]) => labels[key] === wanted);
  return isChosen ? undefined : 'does not have the labels that were asked for';
}

const selector = (wanted: Readonly<Record<string, string>> | undefined): string | undefined =>
  wanted &&
  Object.entries(wanted)
    .map(([key, wantedValue]) => `${key}=${wantedValue}`)
    .join(',');
