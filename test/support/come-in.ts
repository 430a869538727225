/** Opens a link as a page does, over real HTTP. */
import { request } from 'node:http';
import type { Door } from '../../src/server/fence/door.ts';

/** The headers of a page that has come in. */
export interface Key {
  host: string;
  cookie: string;
  'x-runbook-page': string;
}

export interface Answer {
  status: number;
  body: string;
  headers: Record<string, unknown>;
}

/** Like fetch, but free to lie in Host and Origin as a foreign program would. */
export const send = (
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string | undefined> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    request({ host: '127.0.0.1', port, path, method, headers: Object.fromEntries(given) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    })
      .on('error', reject)
      .end();
  });

/** What the page sends to exchange a link. */
export function entryHeaders(link: string, page = 'h'.repeat(64)): Record<string, string> {
  const { host, origin, hash } = new URL(link);
  return { host, origin, 'x-runbook-page': page, 'x-runbook-secret': hash.replace('#enter=', '') };
}

/** @param port Where the server behind the door listens. */
export async function comeIn(door: Door, port: number): Promise<Key> {
  const headers = entryHeaders(door.links().at(-1) ?? '');
  const { status, headers: answered } = await send(port, '/_runbook/enter', { method: 'POST', headers });
  if (status !== 200) throw new Error(`The link was not taken: ${status}.`);
  const [cookie = ''] = String(answered['set-cookie']).split(';');
  return { host: headers['host'] ?? '', cookie, 'x-runbook-page': headers['x-runbook-page'] ?? '' };
}
