/**
 * From a kubeconfig's user to what a request carries: headers, and an agent that holds the TLS material and the sockets.
 *
 * client-node turns the user into both. Three things are added to it: token files under their real name (`tokenFile`; it
 * looks for `token-file`), credential plugins (see exec-plugin.ts), and the groups of an impersonated user.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { askPlugin, CredentialError, type PluginCredential } from './exec-plugin.ts';
import type { Target } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';

export interface Session {
  headers: http.OutgoingHttpHeaders;
  /** `user:password`, for a server that still takes basic authentication. */
  basic: string | undefined;
  agent: http.Agent;
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
/** More sockets mean more handshakes, for which a small API server pays. */
const maxSockets = 16;

/** Sessions of one target: one at a time, shared by every request. */
export class Sessions {
  readonly #target: Target;
  readonly #options: SessionOptions;
  #config: KubeConfig | undefined;
  #current: Promise<Session> | undefined;
  /** By the TLS material that they hold, so that a new token does not cost new connections. */
  readonly #agents = new Map<string, http.Agent>();

  constructor(target: Target, options: SessionOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** @throws {CredentialError} */
  async current(): Promise<Session> {
    const known = this.#current;
    if (known !== undefined) {
      const session = await known;
      if (session.validUntil > Date.now()) return session;
      this.#forget(known);
    }
    if (this.#current === undefined) {
      const opening = this.#open();
      this.#current = opening;
      // A failure is for those who wait now; who asks later tries again.
      opening.catch(() => this.#forget(opening));
    }
    return this.#current;
  }

  /** The server refused it: the next request asks for credentials anew. */
  async refuse(session: Session): Promise<void> {
    const known = this.#current;
    if (known !== undefined && (await known.catch(() => undefined)) === session) this.#forget(known);
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
    this.#current = undefined;
  }

  #forget(session: Promise<Session>): void {
    if (this.#current === session) this.#current = undefined;
  }

  async #open(): Promise<Session> {
    const { cluster, user } = this.#target;
    const { env, pluginTimeoutMs } = this.#options;
    const plugin = user.exec ? await askPlugin(user.exec, cluster, { env, timeoutMs: pluginTimeoutMs }) : undefined;
    const server = new URL(cluster.server);
    const proxy = proxyFor(server, { proxyUrl: cluster['proxy-url'], env });
    const isSocks = proxy !== undefined && proxy.protocol.startsWith('socks');
    const options = await this.#apply(plugin, isSocks ? proxy.href : undefined);
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
    // Node's own agent keeps connections and knows HTTP proxies; the one for SOCKS is client-node's.
    const socks = isSocks && made instanceof http.Agent ? made : undefined;
    if (socks !== undefined) this.#agents.set('socks', socks);
    const expiry = certificateExpiry(cert);
    return {
      headers: {
        ...(options.headers as http.OutgoingHttpHeaders | undefined),
        ...(user['as-uid'] && { 'Impersonate-Uid': user['as-uid'] }),
        ...(user['as-groups']?.length && { 'Impersonate-Group': user['as-groups'] }),
      },
      basic: options.auth ?? undefined,
      agent: socks ?? this.#agent(server, proxy, material),
      proxy,
      validUntil: validUntil(user, plugin),
      certificateExpired: expiry !== undefined && expiry < new Date() ? expiry : undefined,
    };
  }

  /** Lets client-node apply the user to request options; the same KubeConfig each time, for it keeps refreshed OIDC tokens. */
  async #apply(plugin: PluginCredential | undefined, socksProxy: string | undefined): Promise<https.RequestOptions> {
    const { cluster, user, userName } = this.#target;
    const token = plugin?.token ?? (user.tokenFile ? await readToken(user.tokenFile) : user.token);
    const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
    this.#config ??= new (await import('@kubernetes/client-node')).KubeConfig();
    this.#config.loadFromOptions({
      clusters: [
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
        }),
      ],
      users: [
        defined<User>({
          name: 'user',
          token,
          certData: plugin?.certificate ? base64(plugin.certificate) : user['client-certificate-data'],
          certFile: plugin?.certificate || user['client-certificate-data'] ? undefined : user['client-certificate'],
          keyData: plugin?.key ? base64(plugin.key) : user['client-key-data'],
          keyFile: plugin?.key || user['client-key-data'] ? undefined : user['client-key'],
          username: user.username,
          password: user.password,
          impersonateUser: user.as,
          authProvider: user['auth-provider'],
        }),
      ],
      contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
      currentContext: 'context',
    });
    const options: https.RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      const how = user['auth-provider'] ? `the auth-provider \`${user['auth-provider'].name}\`` : 'the kubeconfig';
      throw new CredentialError(
        `${how} gave no credentials for user "${userName}" (${error instanceof Error ? error.message : String(error)}). Log in again, and then repeat this`,
      );
    }
    return options;
  }

  #agent(server: URL, proxy: URL | undefined, material: tls.ConnectionOptions): http.Agent {
    const held = JSON.stringify([material.cert, material.key, material.ca]);
    const known = this.#agents.get(held);
    if (known !== undefined) return known;
    const options: http.AgentOptions = {
      keepAlive: true,
      maxSockets,
      // Node's default of 250 ms gives up on the first of two addresses too soon for a link with a high delay.
      autoSelectFamilyAttemptTimeout: 1000,
      ...(proxy && { proxyEnv: { HTTPS_PROXY: proxy.href, HTTP_PROXY: proxy.href } }),
    };
    const agent = server.protocol === 'https:' ? new https.Agent({ ...options, ...material }) : new http.Agent(options);
    this.#agents.set(held, agent);
    return agent;
  }
}

/** Drops what is null or undefined: client-node's types know absent fields only. */
const defined = <T>(fields: { [K in keyof T]?: T[K] | null | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== null && field !== undefined)) as T;

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CredentialError(`the token file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
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
