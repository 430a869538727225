/** A list, page by page, as far as there are pages and as far as its objects are the ones that were asked for. */
import { z } from 'zod';
import { problem, value, type Fact } from '../runbook/fact.ts';
import { kinds } from '../runbook/kinds.ts';
import type { ListRead } from '../runbook/read.ts';
import { missing, notKubernetes, parseAs, unsuccessful } from './answer.ts';
import { mostItems, mostPageBytes, mostPages, mostWholeBytes } from './budget.ts';
import { resourceRequest } from './paths.ts';
import { apiVersionOf, other, type Server, type UnknownKind } from './reads.ts';

/** As kubectl does. */
const pageSize = '500';

const pageSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(z.unknown()).nullable(),
});

/** Of the rest of an item the checks say what is wrong with it, each for itself. */
const itemSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

export async function readList(server: Server, read: ListRead, version: string): Promise<Fact | UnknownKind> {
  const paged = await readPages(server, read, version, pageSize);
  if (paged !== 'expired') return paged;
  // The snapshot behind the pages expired while they were read: once more without pages, as client-go does.
  const whole = await readPages(server, read, version, undefined);
  return whole === 'expired'
    ? problem('malformed', 'it says that the list expired (410), though it was asked for in one piece')
    : whole;
}

async function readPages(
  { ask, proof }: Server,
  read: ListRead,
  version: string,
  limit: string | undefined,
): Promise<Fact<unknown[]> | UnknownKind | 'expired'> {
  const kind = kinds[read.kind];
  const of = { apiVersion: apiVersionOf(kind.group, version), kind: read.kind };
  const labelSelector = selector(read.labels);
  const fieldSelector = selector(read.fields);
  const items: unknown[] = [];
  const seen = new Set<string>();
  for (let token: string | undefined; ;) {
    const query = { labelSelector, fieldSelector, limit, continue: token };
    const request = resourceRequest(kind, version, { namespace: read.namespace, query });
    const answer = await ask(request, limit === undefined ? mostWholeBytes : mostPageBytes);
    if (!answer.ok) return answer;
    if (missing(answer.value, kind) === 'kind') return 'unknown-kind';
    if (answer.value.status === 410) return 'expired';
    if (answer.value.status !== 200) return unsuccessful(answer.value);
    const page = parseAs(pageSchema, answer.value);
    if (page === undefined) return notKubernetes(answer.value);
    if (page.kind !== `${of.kind}List` || page.apiVersion !== of.apiVersion) {
      return other(`${page.apiVersion} ${page.kind}`, `${of.apiVersion} ${of.kind}List`);
    }
    for (const found of page.items ?? []) {
      const item = itemSchema.safeParse(found).data;
      const fault = item === undefined ? 'has no metadata with a name' : foreign(item, read, of);
      if (item === undefined || fault !== undefined) {
        return problem('malformed', `item ${items.length} of the list ${fault}, so the answer is not to be trusted`);
      }
      items.push({ ...of, ...item });
    }
    proof.give();
    token = page.metadata?.continue || undefined;
    if (token === undefined && items.length <= mostItems) return value(items);
    if (items.length > mostItems) return problem('malformed', endless(`${mostItems} objects`));
    if (seen.has(token ?? '')) return problem('malformed', 'it hands out the same page again and again');
    seen.add(token ?? '');
    if (seen.size >= mostPages) return problem('malformed', endless(`${mostPages} pages (${items.length} objects)`));
  }
}

const endless = (much: string): string =>
  `the list does not end: there is more after ${much}, which is more than a runbook can look at. Does something create these objects again and again?`;

/** In what an item is not one of those that were asked for, if it is not. */
function foreign(item: z.infer<typeof itemSchema>, read: ListRead, of: { apiVersion: string; kind: string }) {
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
