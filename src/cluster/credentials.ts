/**
 * From a kubeconfig's user to what a request carries: headers, and an agent that holds the TLS material and the sockets.
 *
 * client-node turns the user into both. Four things are added to it: token files under their real name (`tokenFile`; it
 * looks for `token-file`), credential plugins (see exec-plugin.ts), what belongs to an impersonated user, and an end.
 */
import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { whenStopped } from '../runbook/stopped.ts';
import { quotable } from '../runbook/words.ts';
import { Connections } from './connections.ts';
import { askPlugin, CredentialError, type PluginCredential } from './exec-plugin.ts';
import { impersonation } from './impersonation.ts';
import type { Target } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';
import { Shared } from './shared.ts';
import { FileError, readSmallFile } from './small-file.ts';

export interface Session {
  headers: http.OutgoingHttpHeaders;
  /** `user:password`, for a server that still takes basic authentication. */
  basic: string | undefined;
  /** What holds the connections; another one once they were dropped. */
  agent: () => http.Agent;
  proxy: URL | undefined;
  /** Until when it may be used without asking again. */
  validUntil: number;
  /** When the client certificate expired, if it did: the server only says 401. */
  certificateExpired: Date | undefined;
}

export interface SessionOptions {
  env: Readonly<Record<string, string | undefined>>;
  pluginTimeoutMs: number;
}

/** As client-node does, and the client for Go: a token file may have been renewed after a minute. */
const rereadAfterMs = 60_000;

/** Sessions of one target: one at a time, shared by every request. */
export class Sessions {
  readonly #target: Target;
  readonly #options: SessionOptions;
  readonly #connections = new Connections();
  readonly #opening = new Shared((signal) => this.#open(signal));
  #config: KubeConfig | undefined;
  #known: Session | undefined;

  constructor(target: Target, options: SessionOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * @throws {CredentialError} also the next time: a failure is for those who wait now; who asks later tries again.
   * @throws the signal's reason when it goes first. The plugin is ended when nobody waits for it any longer.
   */
  async current(signal: AbortSignal): Promise<Session> {
    const known = this.#known;
    return known !== undefined && known.validUntil > Date.now() ? known : this.#opening.join(signal);
  }

  /** The server refused it: the next request asks for credentials anew. */
  refuse(session: Session): void {
    if (this.#known === session) this.#known = undefined;
  }

  /** Drops every connection; the next request makes a new one. */
  disconnect(): void {
    this.#connections.drop();
  }

  close(): void {
    this.#connections.drop();
    this.#known = undefined;
  }

  async #open(signal: AbortSignal): Promise<Session> {
    const { cluster, user } = this.#target;
    const { env, pluginTimeoutMs: timeoutMs } = this.#options;
    const plugin = user.exec ? await askPlugin(user.exec, cluster, { env, timeoutMs, signal }) : undefined;
    signal.throwIfAborted();
    const server = new URL(cluster.server);
    const proxy = proxyFor(server, { proxyUrl: cluster['proxy-url'], env });
    const isSocks = proxy !== undefined && proxy.protocol.startsWith('socks');
    const options = await this.#apply(plugin, isSocks ? proxy.href : undefined, signal);
    const { agent: made, ca, cert, key, rejectUnauthorized = true } = options;
    const servername = cluster['tls-server-name'] ?? undefined;
    const material: tls.ConnectionOptions = {
      // Without a CA in the kubeconfig, those that this machine trusts, as kubectl does.
      ca: ca ?? (server.protocol === 'https:' && rejectUnauthorized ? machineCertificates() : undefined),
      cert,
      key,
      rejectUnauthorized,
      ...(servername !== undefined && { servername }),
    };
    const expiry = certificateExpiry(cert);
    // Node's own agent knows HTTP proxies; the one for SOCKS is client-node's.
    const socks = isSocks && made instanceof http.Agent ? this.#connections.take(made) : undefined;
    const agent = socks === undefined ? this.#connections.agents(server, proxy, material) : () => socks;
    const session: Session = {
      headers: { ...(options.headers as http.OutgoingHttpHeaders | undefined), ...impersonation(user) },
      basic: options.auth ?? undefined,
      agent,
      proxy,
      validUntil: validUntil(user, plugin),
      certificateExpired: expiry !== undefined && expiry < new Date() ? expiry : undefined,
    };
    this.#known = session;
    return session;
  }

  /** Lets client-node apply the user to request options; the same KubeConfig each time, for it keeps refreshed OIDC tokens. */
  async #apply(
    plugin: PluginCredential | undefined,
    socksProxy: string | undefined,
    signal: AbortSignal,
  ): Promise<https.RequestOptions> {
    const { user, userName } = this.#target;
    this.#config ??= new (await import('@kubernetes/client-node')).KubeConfig();
    this.#config.loadFromOptions({
      clusters: [clusterOf(this.#target, socksProxy)],
      users: [userOf(this.#target, plugin)],
      contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
      currentContext: 'context',
    });
    const options: https.RequestOptions = {};
    try {
      // An OIDC provider may be asked for a new token.
      await soon(this.#config.applyToHTTPSOptions(options), this.#options.pluginTimeoutMs, signal);
    } catch (error) {
      const how = user['auth-provider'] ? `the auth-provider \`${user['auth-provider'].name}\`` : 'the kubeconfig';
      throw new CredentialError(
        `${how} gave no credentials for user "${userName}" (${quotable(error instanceof Error ? error.message : String(error))}). Log in again, and then repeat this`,
      );
    }
    return options;
  }
}

const clusterOf = ({ cluster }: Target, socksProxy: string | undefined): Cluster =>
  defined<Cluster>({
    name: 'cluster',
    server: cluster.server,
    // client-node prefers the file, kubectl the data.
    caData: cluster['certificate-authority-data'],
    caFile: cluster['certificate-authority-data'] ? undefined : cluster['certificate-authority'],
    tlsServerName: cluster['tls-server-name'],
    // client-node refuses http:// without it; there is no TLS to verify then.
    skipTLSVerify: cluster['insecure-skip-tls-verify'] === true || cluster.server.startsWith('http:'),
    proxyUrl: socksProxy,
  });

/** What a plugin gave stands in for the kubeconfig's own. */
function userOf({ user }: Target, plugin: PluginCredential | undefined): User {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const certData = plugin?.certificate ? base64(plugin.certificate) : user['client-certificate-data'];
  const keyData = plugin?.key ? base64(plugin.key) : user['client-key-data'];
  return defined<User>({
    name: 'user',
    token: plugin?.token ?? (user.tokenFile ? readToken(user.tokenFile) : user.token),
    ...{ certData, certFile: certData ? undefined : user['client-certificate'] },
    ...{ keyData, keyFile: keyData ? undefined : user['client-key'] },
    username: user.username,
    password: user.password,
    authProvider: user['auth-provider'] && {
      name: 'oidc',
      config: oidcConfig(user['auth-provider'].config ?? {}),
    },
  });
}

/** What client-node waits for has no end of its own. */
async function soon<T>(answer: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let letGo = (): void => undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${timeoutMs / 1000} s`)), timeoutMs);
    letGo = whenStopped(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([answer, end]);
  } finally {
    letGo();
    clearTimeout(timer);
  }
}

/** What OIDC takes [client-go, plugin/pkg/client/auth/oidc]; with more, client-node would take it for another provider. */
const oidcConfig = (config: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).filter(([key]) =>
      /^(client-id|client-secret|id-token|idp-.*|refresh-token|extra-scopes)$/.test(key),
    ),
  );

/** Drops what is null or undefined: client-node's types know absent fields only. */
const defined = <T>(fields: { [K in keyof T]?: T[K] | null | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== null && field !== undefined)) as T;

function readToken(file: string): string {
  try {
    return readSmallFile(file).trim();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new CredentialError(`the token file ${file} cannot be read: ${error.message}`);
  }
}

function validUntil(user: Target['user'], plugin: PluginCredential | undefined): number {
  if (plugin !== undefined) return plugin.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return user.tokenFile || user['auth-provider'] ? Date.now() + rereadAfterMs : Number.POSITIVE_INFINITY;
}

const machineCertificates = (): string[] => [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];

function certificateExpiry(certificate: unknown): Date | undefined {
  if (!(certificate instanceof Buffer) && typeof certificate !== 'string') return undefined;
  try {
    return new Date(new X509Certificate(certificate).validTo);
  } catch {
    return undefined;
  }
}
