/** Asks the local API, as this page of this dev server. */

export interface Session {
  token: string;
  path: string;
}

export const ask = (
  session: Session,
  path: string,
  { signal, method = 'GET' }: { signal?: AbortSignal; method?: 'GET' | 'POST' } = {},
): Promise<Response> =>
  fetch(session.path + path, {
    method,
    headers: { 'x-runbook-token': session.token },
    ...(signal === undefined ? {} : { signal }),
  });

/** Why the local API did not do as it was asked, in a sentence. */
export async function refusalOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as { error?: string };
  return body.error ?? `The dev server answered ${response.status}.`;
}

/** That nothing came back at all, in a sentence. */
export const silenceOf = (error: unknown): string =>
  `The dev server did not answer: ${error instanceof Error ? error.message : String(error)}. Is it still running?`;
