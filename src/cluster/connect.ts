/**
 * A live cluster as a source of facts. It reads: there is no verb with which to write.
 */
import { problem, type Fact } from '../runbook/fact.ts';
import { readSubject } from '../runbook/read.ts';
import type { ClusterSource } from '../runbook/run.ts';
import { stopped } from '../runbook/stopped.ts';
import { quotable, shorten } from '../runbook/words.ts';
import { createAsk } from './ask.ts';
import { requestsPerRead } from './budget.ts';
import { Sessions } from './credentials.ts';
import { within, type Errand } from './errand.ts';
import { identityOf, type Identity } from './identity.ts';
import { chooseTarget, displayUrl, loadKubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
import { Proof } from './proof.ts';
import { answerRead, readVersion } from './reads.ts';
import { readApiVersions, readDefinitions, readOpenApi } from './served.ts';
import type { Server } from './server.ts';
import { Shared } from './shared.ts';

export interface LiveCluster extends ClusterSource {
  /** Where the kubeconfig was found, for sentences. */
  readonly origin: string;
  /** What the kubeconfig calls the user. */
  readonly user: string;
  /** Who asks, and how. */
  readonly identity: Identity;
  /** What the server says of the kinds that it serves: for whoever judges objects by them, and no part of any run. */
  readonly served: Served;
  /** Drops every connection and ends every read, so that the process can end at once. */
  close(): Promise<void>;
}

export interface Served {
  /** The CustomResourceDefinitions of some groups, as the server holds them. */
  definitions(groups: ReadonlySet<string>, signal?: AbortSignal): Promise<Fact<readonly unknown[]>>;
  /** Every `apiVersion` that it publishes a document about. */
  apiVersions(signal?: AbortSignal): Promise<Fact<readonly string[]>>;
  /** The OpenAPI v3 document of an `apiVersion`, one of those that it publishes. */
  openApi(apiVersion: string, signal?: AbortSignal): Promise<Fact>;
}

export interface ConnectOptions extends KubeconfigOptions {
  /** `demo` for the demo cluster, which is asked in the same way. */
  source?: 'live' | 'demo';
  /** How long one request may take; 10 s when left out. */
  timeoutMs?: number;
  /** How long one read may take once there is a connection, with all its pages and repetitions; three requests when left out. */
  readTimeoutMs?: number;
  /** How long a credential plugin may take; 60 s when left out, for it may wait until somebody has logged in. */
  pluginTimeoutMs?: number;
}

/**
 * Opens the cluster that the kubeconfig's context names. Nothing is sent before the first read.
 *
 * @throws {Refusal} when the kubeconfig does not say whom to ask.
 */
export function connect(options: ConnectOptions = {}): LiveCluster {
  const { source = 'live', timeoutMs = 10_000, pluginTimeoutMs = 60_000, env = process.env } = options;
  const { readTimeoutMs = requestsPerRead * timeoutMs } = options;
  const target = chooseTarget(loadKubeconfig(options), options.context);
  const server = displayUrl(target.cluster.server);
  const sessions = new Sessions(target, { env, pluginTimeoutMs });
  const closing = new AbortController();
  let sent = 0;
  let underWay = 0;
  const ask = createAsk(target, sessions, { timeoutMs, onSend: () => void sent++ });

  /** What was last said of the version, for whoever needs it as a proof; it is asked for once at a time. */
  let known: Fact<string> | undefined;
  const versions = new Shared(async (signal) => {
    const fact = await within(readTimeoutMs, [signal, closing.signal], (errand) => readVersion(askedBy(errand)));
    if (!signal.aborted) known = fact;
    return fact;
  });
  const proof = new Proof(async ({ signal }) => known ?? versions.join(signal));
  const askedBy = (errand: Errand): Server => ({
    errand,
    proof,
    ask: async (request, limit) => {
      const answer = await ask(request, errand, limit);
      if (answer.ok) proof.see(answer.value);
      return answer;
    },
  });

  /** Says of what and of whom a phrase about the server speaks. */
  async function inSentence<T>(
    subject: string,
    signal: AbortSignal | undefined,
    answer: () => Promise<Fact<T>>,
  ): Promise<Fact<T>> {
    let fact: Fact<T>;
    underWay += 1;
    try {
      fact = await answer();
    } catch (error) {
      fact = signal?.aborted
        ? stopped(signal)
        : problem('malformed', quotable(error instanceof Error ? error.message : String(error)));
    }
    underWay -= 1;
    // Who was stopped needs no connection any longer, not even one that is only kept, or not there yet.
    if (signal?.aborted && underWay === 0) sessions.disconnect();
    if (fact.ok) return fact;
    const { kind, message } = fact.problem;
    return problem(
      kind,
      `Could not read ${shorten(subject)} from ${server}: ${message}${/[.?!]$/.test(message) ? '' : '.'}`,
    );
  }

  const asked = <T>(subject: string, signal: AbortSignal | undefined, read: (server: Server) => Promise<Fact<T>>) =>
    inSentence(subject, signal, () =>
      within(readTimeoutMs, [signal, closing.signal], (errand) => read(askedBy(errand))),
    );

  return {
    source,
    context: target.context,
    server,
    origin: target.origin,
    user: target.userName,
    identity: identityOf(target, server),
    read: (read, signal) => asked(readSubject(read), signal, (from) => answerRead(from, read)),
    version: (signal) => inSentence('the version of Kubernetes', signal, () => versions.join(signal)),
    requests: () => sent,
    served: {
      definitions: (groups, signal) =>
        asked('the CustomResourceDefinitions', signal, (from) => readDefinitions(from, groups)),
      apiVersions: (signal) => asked('the index of its OpenAPI documents', signal, readApiVersions),
      openApi: (apiVersion, signal) =>
        asked(`the OpenAPI document of ${apiVersion}`, signal, (from) => readOpenApi(from, apiVersion)),
    },
    close() {
      closing.abort(new Error('the connection was closed'));
      sessions.close();
      return Promise.resolve();
    },
  };
}
