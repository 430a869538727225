/**
 * What an API server's answer means. Problems are phrases about the server, for connect.ts to put into a sentence.
 *
 * What a real API server answers: a Status for everything that it understands, plain text for a path that it does not serve.
 */
import { z } from 'zod';
import { deepest, isDeeper } from '../runbook/depth.ts';
import { problem, type Fact } from '../runbook/fact.ts';
import type { Kind } from '../runbook/kinds.ts';
import { quotable, shorten } from '../runbook/words.ts';
import type { Answer } from './http.ts';

const statusSchema = z.object({
  kind: z.literal('Status'),
  message: z.string().nullish(),
  details: z.object({ name: z.string().nullish(), kind: z.string().nullish(), group: z.string().nullish() }).nullish(),
});

/** The body, if it is JSON of this shape, and no deeper than any object of Kubernetes. */
export function parseAs<S extends z.ZodType>(schema: S, answer: Answer): z.output<S> | undefined {
  return schema.safeParse(jsonOf(answer)).data;
}

/** What was parsed, for one answer is looked at as several things. */
const parsed = new WeakMap<Answer, { json: unknown }>();

function jsonOf(answer: Answer): unknown {
  const known = parsed.get(answer);
  if (known !== undefined) return known.json;
  let json: unknown;
  try {
    json = isDeeper(answer.text, deepest) ? undefined : JSON.parse(answer.text);
  } catch {
    json = undefined;
  }
  parsed.set(answer, { json });
  return json;
}

/** "404: pods "x" not found": the status, with what the API says about it if the answer is the API's own. */
export function said(answer: Answer): string {
  const message = parseAs(statusSchema, answer)?.message?.trim();
  return message ? `${answer.status}: ${quotable(message)}` : `${answer.status}`;
}

/**
 * What a 404 says is missing: the kind, or the object of this name. Undefined when it says neither, as a web server's page does, and
 * the Status of a proxy that does not know the cluster.
 *
 * A path that the API server does not serve is answered with plain text, or with a Status that says no more than that; a kind
 * whose definition is not established yet with a Status that names the kind [apiextensions-apiserver, customresource_handler.go].
 */
export function missing(answer: Answer, { group, plural }: Kind, name?: string): 'kind' | 'object' | undefined {
  if (answer.status !== 404) return undefined;
  const status = parseAs(statusSchema, answer);
  if (status === undefined) return answer.text.trim() === '404 page not found' ? 'kind' : undefined;
  const { details, message } = status;
  const isOfKind = details?.kind === plural && (details.group ?? '') === group;
  if (isOfKind && details.name) return details.name === name ? 'object' : undefined;
  return isOfKind || message === 'the server could not find the requested resource' ? 'kind' : undefined;
}

const grant = '`npm run --silent runbook -- permissions` prints the ClusterRole that the runbooks need';

/**
 * What an answer that is not a success means, whatever was asked.
 *
 * @param remedy What lets a user read it who may not, as a sentence.
 */
export function unsuccessful(answer: Answer, remedy = grant): Fact<never> {
  const { status, location } = answer;
  const isStatus = parseAs(statusSchema, answer) !== undefined;
  if (status === 403) {
    return problem(
      'forbidden',
      isStatus
        ? `this user may not (${said(answer)}). ${remedy}`
        : `it is refused (${status}), and not in the words of the Kubernetes API. A proxy or a login page may stand before the API server`,
    );
  }
  if (status === 429) {
    return problem(
      'unreachable',
      `the server is too busy to answer (${said(answer)}). Repeat this later, and look at what keeps it busy`,
    );
  }
  if (status >= 500) {
    return problem(
      'unreachable',
      `the server could not answer (${said(answer)}). Look at the API server, or at what stands before it`,
    );
  }
  if (status >= 300 && status < 400) {
    // Of where it leads only the origin: the rest of a login page's address is often secret.
    const to = location !== undefined && URL.canParse(location) ? new URL(location) : undefined;
    const where = to !== undefined && /^https?:$/.test(to.protocol) ? shorten(to.origin) : 'another page';
    return problem('malformed', `it redirects to ${where} (${status}): a login page stands before the API server`);
  }
  if (status === 404 && isStatus) {
    return problem(
      'malformed',
      `it says that something is missing, and not what was asked for (${said(answer)}). A proxy that does not know the cluster may stand before the API server`,
    );
  }
  return isStatus
    ? problem('malformed', `the server did not take the question (${said(answer)})`)
    : notKubernetes(answer);
}

/** An answer that no API server gives; its text is not quoted, for nobody knows what it holds. */
export function notKubernetes({ status, contentType, text }: Answer): Fact<never> {
  if (text.trim() === '') return problem('malformed', `the answer is empty (${status})`);
  if (/^\s*[[{]/.test(text) && isDeeper(text, deepest)) {
    return problem(
      'malformed',
      `the answer is nested more than ${deepest} levels deep (${status}), and no object of Kubernetes is`,
    );
  }
  const type = shorten(contentType.split(';')[0] || 'no content type', 100);
  return problem(
    'malformed',
    `the answer is not one of the Kubernetes API (${status}, ${type}, ${text.length} characters). A proxy or a login page may stand before the API server, or the answer was cut off`,
  );
}

/** An object, or a log, that does not exist. */
export const notFound = (answer: Answer): Fact<never> => problem('not-found', `it does not exist (${said(answer)})`);
