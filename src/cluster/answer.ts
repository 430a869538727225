/**
 * What an API server's answer means. Problems are phrases about the server, for connect.ts to put into a sentence.
 *
 * What a real API server answers: a Status for everything that it understands, plain text for a path that it does not serve.
 */
import { z } from 'zod';
import { problem, type Fact } from '../runbook/fact.ts';
import type { Answer } from './http.ts';

const statusSchema = z.object({
  kind: z.literal('Status'),
  message: z.string().nullish(),
  details: z.object({ name: z.string().nullish() }).nullish(),
});

/** The body, if it is JSON of this shape. */
export function parseAs<S extends z.ZodType>(schema: S, { text }: Answer): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** "404: pods "x" not found": the status, with what the API says about it if the answer is the API's own. */
export function said(answer: Answer): string {
  const message = parseAs(statusSchema, answer)?.message?.trim();
  return message ? `${answer.status}: ${message}` : `${answer.status}`;
}

/**
 * The 404 of a path that the API server does not serve: plain text, or a Status about no object.
 * A missing object is a Status that names it; a web server's page is neither.
 */
export function isUnknownPath(answer: Answer): boolean {
  if (answer.status !== 404) return false;
  const status = parseAs(statusSchema, answer);
  return status === undefined ? answer.text.trim() === '404 page not found' : !status.details?.name;
}

/** What an answer that is not a success means, whatever was asked. */
export function unsuccessful(answer: Answer): Fact<never> {
  const { status, location } = answer;
  const isStatus = parseAs(statusSchema, answer) !== undefined;
  if (status === 403) {
    return problem(
      'forbidden',
      `this user may not (${said(answer)}). \`npm run --silent runbook -- permissions\` prints the ClusterRole that the runbooks need`,
    );
  }
  if (status === 404 && isStatus) return problem('not-found', `it does not exist (${said(answer)})`);
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
    const where = location !== undefined && URL.canParse(location) ? new URL(location).origin : 'another page';
    return problem('malformed', `it redirects to ${where} (${status}): a login page stands before the API server`);
  }
  return isStatus
    ? problem('malformed', `the server did not take the question (${said(answer)})`)
    : notKubernetes(answer);
}

/** An answer that no API server gives; its text is not quoted, for nobody knows what it holds. */
export const notKubernetes = ({ status, contentType, text }: Answer): Fact<never> =>
  problem(
    'malformed',
    text.trim() === ''
      ? `the answer is empty (${status})`
      : `the answer is not one of the Kubernetes API (${status}, ${contentType.split(';')[0] || 'no content type'}, ${text.length} characters). A proxy or a login page may stand before the API server, or the answer was cut off`,
  );
