/**
 * `kubectl exec` over WebSocket: runs a program in a container, with standard streams and a terminal.
 *
 * The protocol is v5.channel.k8s.io, whose messages start with the number of a channel (v4 lacks only the closing of one); the wording
 * is that of the API server, of the kubelet and of containerd, whoever would answer. [Kubernetes 1.36, containerd 2.1]
 *
 * | what                                        | answer                                                                 |
 * | ------------------------------------------- | ---------------------------------------------------------------------- |
 * | SPDY, which kubectl before 1.31 speaks first | 400, and says so                                                       |
 * | attach, port-forward                        | 400, and says so                                                       |
 * | a program that nobody gave it               | what containerd says of one that the image does not have               |
 * | the size of the terminal, signals           | ignored, but for Ctrl+C                                                |
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { at, list, text } from '../objects/fields.ts';
import { chooseContainer } from '../reads/logs.ts';
import type { Place, Programs } from '../exec/program.ts';
import { mayAccess } from '../access/authorization.ts';
import type { User } from '../access/rbac.ts';
import type { State } from '../state/state.ts';
import { badRequest, forbidden, notFound, StatusError } from '../http/statuses.ts';
import { Terminal } from '../exec/terminal.ts';

export interface Exec {
  /** Answers a request to leave HTTP behind. `who` throws when the credentials are nobody's. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, who: () => User) => void;
  close: () => void;
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;
const pods = { group: '', kind: 'Pod', plural: 'pods' } as const;

export interface ExecOptions {
  state: State;
  programs: Programs;
  /** What it calls itself when it says what it does not do. */
  called?: string;
}

export function createExec({ state, programs, called = 'this API server' }: ExecOptions): Exec {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  return {
    upgrade: (request, socket, head, who) => {
      // A client that leaves in the middle is no error of ours.
      socket.on('error', () => socket.destroy());
      try {
        const { command, streams, place } = admit(state, called, request, who());
        server.handleUpgrade(
          request,
          socket,
          head,
          (connection) => void execute(connection, streams, (terminal) => outcome(programs, command, terminal, place)),
        );
      } catch (error) {
        refuse(socket, error);
      }
    },
    close: () => {
      for (const connection of server.clients) connection.terminate();
      server.close();
    },
  };
}

interface Streams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** The container runtime's own refusal, which is no Status of the API. */
class KubeletError extends Error {}

/** @throws StatusError, or KubeletError for what only the node finds out. */
function admit(
  state: State,
  called: string,
  request: IncomingMessage,
  user: User,
): { command: readonly string[]; streams: Streams; place: Place } {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
  const [, namespace = '', name = '', subresource = ''] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach|portforward)$/.exec(pathname) ?? [];
  if (subresource === '') throw badRequest('Upgrade request is not for something that can be upgraded');
  // Since 1.35 a WebSocket, which begins with GET, takes the right to create all the same.
  for (const verb of request.method === 'POST' ? ['create'] : ['get', 'create']) {
    const attempt = { user: user.name, verb, group: '', resource: 'pods', subresource, namespace, name };
    if (!mayAccess(user, state, attempt)) throw forbidden(attempt);
  }
  const pod = state.get(pods, namespace, name);
  if (pod === undefined) throw notFound(pods, name);
  if (subresource !== 'exec') throw badRequest(`${called} does not support ${subresource}`);
  const container = chooseContainer(pod, query.get('container') ?? '');
  if (text(pod, 'spec', 'nodeName') === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const statuses = [...list(pod, 'status', 'containerStatuses'), ...list(pod, 'status', 'initContainerStatuses')];
  const status = statuses.find((entry) => text(entry, 'name') === container);
  if (at(status, 'state', 'running') === undefined) throw new KubeletError(`container not found ("${container}")`);
  // Last, for kubectl asks once more with SPDY whenever it was refused, and shows that answer.
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  if (!protocols.some((protocol) => offered.includes(protocol))) {
    throw badRequest(`${called} speaks ${protocols.join(' and ')} over WebSocket only: use kubectl 1.31 or newer`);
  }
  const wants = (stream: string): boolean => ['true', '1'].includes(query.get(stream) ?? '');
  return {
    command: query.getAll('command'),
    streams: { stdin: wants('stdin'), stdout: wants('stdout'), stderr: wants('stderr'), tty: wants('tty') },
    place: { pod, container },
  };
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

async function execute(
  connection: WebSocket,
  { stdin, stdout, stderr, tty }: Streams,
  run: (terminal: Terminal) => Promise<object>,
): Promise<void> {
  const send = (to: number, content: string): void =>
    connection.send(Buffer.concat([Buffer.from([to]), Buffer.from(content)]));
  const terminal = new Terminal({
    tty,
    out: (content) => void (stdout && send(channel.stdout, content)),
    // A terminal is one stream.
    err: (content) => void (tty ? stdout && send(channel.stdout, content) : stderr && send(channel.stderr, content)),
  });
  if (!stdin) terminal.end();
  connection.on('message', (message: RawData) => {
    const bytes = Buffer.isBuffer(message) ? message : Buffer.from([]);
    if (bytes[0] === channel.stdin && stdin) terminal.type(bytes.subarray(1).toString('utf8'));
    if (bytes[0] === channel.close && bytes[1] === channel.stdin) terminal.end();
  });
  connection.on('close', () => terminal.end());
  connection.on('error', () => connection.terminate());
  // A real kubelet says with an empty message that the streams are there.
  send(stdout ? channel.stdout : stderr ? channel.stderr : channel.error, '');

  const status = await run(terminal);
  if (connection.readyState !== connection.OPEN) return;
  send(channel.error, JSON.stringify({ metadata: {}, ...status }));
  connection.close(1000);
}

async function outcome(
  programs: Programs,
  command: readonly string[],
  terminal: Terminal,
  place: Place,
): Promise<object> {
  const [name = '', ...args] = command;
  const program = programs(name, place);
  if (program === undefined) {
    const cause = `error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: executable file not found in $PATH: unknown`;
    const message = `Internal error occurred: ${cause}`;
    const details = { causes: [{ message: cause }] };
    return { status: 'Failure', message, reason: 'InternalError', details, code: 500 };
  }
  const exitCode = await terminal.run(() => program({ args, terminal, ...place }));
  if (exitCode === 0) return { status: 'Success' };
  return {
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command [${command.join(' ')}], exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** Answers in plain HTTP and hangs up: the client asked to leave HTTP, and may not. */
function refuse(socket: Duplex, error: unknown): void {
  const failure =
    error instanceof StatusError || error instanceof KubeletError
      ? error
      : new StatusError(500, 'InternalError', String(error));
  const [code, media, body] =
    failure instanceof StatusError
      ? [failure.status.code, 'application/json', JSON.stringify(failure.status)]
      : [500, 'text/plain; charset=utf-8', `${failure.message}\n`];
  socket.end(
    [
      `HTTP/1.1 ${code} Refused`,
      `content-type: ${media}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
