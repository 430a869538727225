/**
 * A live cluster as a source of facts. It reads: there is no verb with which to write.
 */
import { problem, type Fact } from '../runbook/fact.ts';
import { readSubject } from '../runbook/read.ts';
import type { ClusterSource } from '../runbook/run.ts';
import { createAsk } from './ask.ts';
import { Sessions } from './credentials.ts';
import { chooseTarget, displayUrl, loadKubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
import { answerRead, readVersion } from './reads.ts';

export interface LiveCluster extends ClusterSource {
  /** Where the kubeconfig was found, for sentences. */
  readonly origin: string;
  /** What the kubeconfig calls the user. */
  readonly user: string;
  /** Drops every connection, so that the process can end at once. */
  close(): Promise<void>;
}

export interface ConnectOptions extends KubeconfigOptions {
  /** `demo` for the demo cluster, which is asked in the same way. */
  source?: 'live' | 'demo';
  /** How long one request may take; 10 s when left out. */
  timeoutMs?: number;
  /** How long a credential plugin may take; 60 s when left out, for it may wait until somebody has logged in. */
  pluginTimeoutMs?: number;
}

/**
 * Opens the cluster that the kubeconfig's context names. Nothing is sent before the first read.
 *
 * @throws {KubeconfigError} when the kubeconfig does not say whom to ask.
 */
export function connect(options: ConnectOptions = {}): LiveCluster {
  const { source = 'live', timeoutMs = 10_000, pluginTimeoutMs = 60_000, env = process.env } = options;
  const target = chooseTarget(loadKubeconfig(options), options.context);
  const server = displayUrl(target.cluster.server);
  const sessions = new Sessions(target, { env, pluginTimeoutMs });
  let sent = 0;
  const ask = createAsk(target, sessions, { timeoutMs, onSend: () => void sent++ });

  /** Says of what and of whom a phrase about the server speaks. */
  async function inSentence<T>(subject: string, answer: () => Promise<Fact<T>>): Promise<Fact<T>> {
    let fact: Fact<T>;
    try {
      fact = await answer();
    } catch (error) {
      fact = problem('malformed', error instanceof Error ? error.message : String(error));
    }
    if (fact.ok) return fact;
    const { kind, message } = fact.problem;
    return problem(kind, `Could not read ${subject} from ${server}: ${message}${/[.?!]$/.test(message) ? '' : '.'}`);
  }

  return {
    source,
    context: target.context,
    server,
    origin: target.origin,
    user: target.userName,
    read: (read) => inSentence(readSubject(read), () => answerRead(ask, read)),
    version: () => inSentence('the version of Kubernetes', () => readVersion(ask)),
    requests: () => sent,
    close() {
      sessions.close();
      return Promise.resolve();
    },
  };
}
