/**
 * What the tests of the API server and of the demo cluster share: requests as a client sends them, and the shape of what comes back.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as send } from 'node:https';
import { gunzipSync } from 'node:zlib';

/** An API server that was started, by itself or with the demo. */
export interface Running {
  server: string;
  kubeconfig: (user?: UserName) => string;
}

/** Who has a token in the tests. */
type UserName = 'admin' | 'reader' | 'nobody';

export interface Answer {
  status: number;
  type: string;
  text: string;
  /** The body as JSON; null when it is not JSON. */
  json: unknown;
  warning: string | undefined;
  headers: IncomingHttpHeaders;
}

export interface Asking {
  method?: string;
  accept?: string;
  /** Sent as JSON; text is sent as it is. */
  body?: unknown;
  /** The content type, where it is not `application/json`. */
  type?: string;
  headers?: Readonly<Record<string, string>>;
  /** `none` sends no credentials, `unknown` a token that nobody has. */
  as?: UserName | 'none' | 'unknown';
}

const agent = new Agent({ keepAlive: true });

const kubeconfigField = (running: Running, user: UserName, field: string): string =>
  new RegExp(`${field}: (\\S+)`).exec(running.kubeconfig(user))?.[1] ?? '';

export const tokenOf = (running: Running, user: UserName): string => kubeconfigField(running, user, 'token');

/** Sends a request with its certificate authority, and so proves its certificate too. */
export function ask(
  running: Running,
  path: string,
  { method = 'GET', accept, body, type = 'application/json', headers = {}, as = 'admin' }: Asking = {},
): Promise<Answer> {
  const ca = Buffer.from(kubeconfigField(running, 'admin', 'certificate-authority-data'), 'base64');
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const token = as === 'none' ? undefined : as === 'unknown' ? 'nobody-has-this' : tokenOf(running, as);
  return new Promise((resolve, reject) => {
    const outgoing = send(
      `${running.server}${path}`,
      {
        agent,
        ca,
        method,
        headers: {
          accept: accept ?? 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const { headers, statusCode: status = 0 } = incoming;
          const { 'content-type': media = '', 'content-encoding': packing, warning } = headers;
          const body = Buffer.concat(chunks);
          const text = (packing === 'gzip' ? gunzipSync(body) : body).toString('utf8');
          resolve({ status, type: media, text, json: parsed(text), warning, headers });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Opens an answer that does not end by itself, such as a followed log. */
export function open(running: Running, path: string): { text: () => string; stop: () => void } {
  let text = '';
  const ca = Buffer.from(kubeconfigField(running, 'admin', 'certificate-authority-data'), 'base64');
  const headers = { authorization: `Bearer ${tokenOf(running, 'admin')}` };
  const outgoing = send(`${running.server}${path}`, { ca, headers }, (incoming) => {
    incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
    incoming.on('error', () => undefined);
  });
  outgoing.on('error', () => undefined);
  outgoing.end();
  return { text: () => text, stop: () => outgoing.destroy() };
}

/** The lines of a watch. */
export const events = ({ text }: Answer): { type: string; object: { metadata: Record<string, unknown> } }[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; object: { metadata: Record<string, unknown> } });

/** Names and types in order, without values; `depth` levels deep. A list has the shape of its first entry. */
export function shape(value: unknown, depth = 9): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${shape(value[0], depth)}]`;
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (depth === 0) return '{…}';
  return `{${Object.entries(value)
    .map(([key, entry]) => `${key}: ${shape(entry, depth - 1)}`)
    .join(', ')}}`;
}
