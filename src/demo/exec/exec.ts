/**
 * `kubectl exec` over WebSocket: runs one of the demo's programs in a container, with standard streams and a terminal.
 *
 * The protocol is v5.channel.k8s.io, whose messages start with the number of a channel (v4 lacks only the closing of one); the wording
 * is that of the API server, of the kubelet and of containerd, whoever would answer. [Kubernetes 1.36, containerd 2.1]
 *
 * | what                                        | answer                                                                 |
 * | ------------------------------------------- | ---------------------------------------------------------------------- |
 * | SPDY, which kubectl before 1.31 speaks first | 400, and says so                                                       |
 * | attach, port-forward                        | 400, and says so                                                       |
 * | a program that the demo does not have       | what containerd says of one that the image does not have               |
 * | the size of the terminal, signals           | ignored, but for Ctrl+C                                                |
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { at, list, text } from '../fields.ts';
import { chooseContainer } from '../logs.ts';
import { programOf, type Context } from './programs.ts';
import { mayAccess } from '../api/authorization.ts';
import type { User } from '../api/rbac.ts';
import type { State } from '../state.ts';
import { badRequest, forbidden, notFound, StatusError } from '../api/statuses.ts';
import { Terminal } from './terminal.ts';
import type { World } from '../world.ts';

export interface Exec {
  /** Answers a request to leave HTTP behind. `who` throws when the credentials are nobody's. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, who: () => User) => void;
  close: () => void;
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;
const pods = { group: '', kind: 'Pod', plural: 'pods' } as const;

export function createExec(state: State, world: World): Exec {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  return {
    upgrade: (request, socket, head, who) => {
      // A client that leaves in the middle is no error of ours.
      socket.on('error', () => socket.destroy());
      try {
        const { command, streams, context } = admit(state, world, request, who());
        server.handleUpgrade(
          request,
          socket,
          head,
          (connection) => void execute(connection, command, streams, context),
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
  world: World,
  request: IncomingMessage,
  user: User,
): { command: readonly string[]; streams: Streams; context: Context } {
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
  if (subresource !== 'exec') throw badRequest(`the demo cluster does not support ${subresource}`);
  const container = chooseContainer(pod, query.get('container') ?? '');
  if (text(pod, 'spec', 'nodeName') === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const statuses = [...list(pod, 'status', 'containerStatuses'), ...list(pod, 'status', 'initContainerStatuses')];
  const status = statuses.find((entry) => text(entry, 'name') === container);
  if (at(status, 'state', 'running') === undefined) throw new KubeletError(`container not found ("${container}")`);
  // Last, for kubectl asks once more with SPDY whenever it was refused, and shows that answer.
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  if (!protocols.some((protocol) => offered.includes(protocol))) {
    throw badRequest(
      `the demo cluster speaks ${protocols.join(' and ')} over WebSocket only: use kubectl 1.31 or newer`,
    );
  }
  const wants = (stream: string): boolean => ['true', '1'].includes(query.get(stream) ?? '');
  return {
    command: query.getAll('command'),
    streams: { stdin: wants('stdin'), stdout: wants('stdout'), stderr: wants('stderr'), tty: wants('tty') },
    context: { state, world, pod, container },
  };
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

async function execute(
  connection: WebSocket,
  command: readonly string[],
  { stdin, stdout, stderr, tty }: Streams,
  context: Context,
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
    if (bytes[0] === channel.stdin && stdin) terminal.type(bytes.subarray(1));
    if (bytes[0] === channel.close && bytes[1] === channel.stdin) terminal.end();
  });
  connection.on('close', () => terminal.end());
  connection.on('error', () => connection.terminate());
  // A real kubelet says with an empty message that the streams are there.
  send(stdout ? channel.stdout : stderr ? channel.stderr : channel.error, '');

  const status = await outcome(command, terminal, context);
  if (connection.readyState !== connection.OPEN) return;
  send(channel.error, JSON.stringify({ metadata: {}, ...status }));
  connection.close(1000);
}

async function outcome(command: readonly string[], terminal: Terminal, context: Context): Promise<object> {
  const [name = '', ...args] = command;
  const program = programOf(name, context);
  if (program === undefined) {
    const cause = `error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: executable file not found in $PATH: unknown`;
    const message = `Internal error occurred: ${cause}`;
    const details = { causes: [{ message: cause }] };
    return { status: 'Failure', message, reason: 'InternalError', details, code: 500 };
  }
  const exitCode = await terminal.run(() => program({ args, terminal, ...context }));
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
