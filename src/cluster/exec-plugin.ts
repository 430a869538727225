/**
 * Asks a credential plugin (`users[].user.exec`) who we are.
 *
 * client-node can do this too, but it lets a plugin hang for ever, starts one for every request that is under way, and does
 * not tell the plugin what kubectl tells it (KUBERNETES_EXEC_INFO).
 */
import { z } from 'zod';
import { quotable } from '../runbook/words.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig-file.ts';
import { runProcess, type Ended } from './process.ts';

export interface PluginCredential {
  token: string | undefined;
  /** PEM. */
  certificate: string | undefined;
  key: string | undefined;
  expiresAt: Date | undefined;
}

/** No credentials; the message says who should have given them, what came back and what to do. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
}

const credentialSchema = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

export interface PluginOptions {
  timeoutMs: number;
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the plugin, and with it whatever it has started. */
  signal: AbortSignal;
}

/** @throws {CredentialError} */
export async function askPlugin(
  plugin: ExecEntry,
  cluster: ClusterEntry,
  { env, ...limits }: PluginOptions,
): Promise<PluginCredential> {
  const ended = await runProcess(plugin.command, plugin.args ?? [], {
    ...limits,
    env: {
      ...env,
      ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, cluster)),
    },
  });
  if (ended.how !== 'finished') throw failure(plugin, whatWentWrong(ended, limits.timeoutMs));
  // The output may hold a credential whatever its shape, so no error quotes it.
  let json: unknown;
  try {
    json = JSON.parse(ended.stdout);
  } catch {
    throw failure(plugin, 'printed something other than JSON');
  }
  const parsed = credentialSchema.safeParse(json);
  if (!parsed.success) throw failure(plugin, 'printed no ExecCredential with a status');
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = parsed.data.status;
  if (!token && !(clientCertificateData && clientKeyData)) {
    throw failure(plugin, 'gave neither a token nor a client certificate with its key');
  }
  return {
    token: token?.trim() || undefined,
    certificate: clientCertificateData || undefined,
    key: clientKeyData || undefined,
    expiresAt: expirationTimestamp ? new Date(expirationTimestamp) : undefined,
  };
}

function whatWentWrong(ended: Exclude<Ended, { how: 'finished' }>, timeoutMs: number): string {
  switch (ended.how) {
    case 'absent':
      return 'is not installed or not on PATH';
    case 'late':
      return `did not finish within ${timeoutMs / 1000} s`;
    case 'verbose':
      return 'printed more than a credential takes';
    case 'stopped':
      return 'was stopped';
    case 'failed': {
      const said = lastLine(ended.stderr);
      return `failed (${ended.code})${said === '' ? '' : `: ${said}`}`;
    }
  }
}

const failure = (plugin: ExecEntry, what: string): CredentialError =>
  new CredentialError(
    `the credential plugin \`${plugin.command}\` ${what}. ${
      quotable(plugin.installHint?.trim().replace(/\s+/g, ' ') ?? '') ||
      'Run it by hand, or log in again, and then repeat this'
    }`,
  );

const lastLine = (output: string): string => quotable((output.trim().split('\n').at(-1) ?? '').trim());

function execInfo(plugin: ExecEntry, cluster: ClusterEntry): object {
  return {
    apiVersion: plugin.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo && {
        cluster: {
          server: cluster.server,
          'tls-server-name': cluster['tls-server-name'] ?? undefined,
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
          'certificate-authority-data': cluster['certificate-authority-data'] ?? undefined,
          'proxy-url': cluster['proxy-url'] ?? undefined,
        },
      }),
    },
  };
}
