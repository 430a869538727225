/**
 * Asks a credential plugin (`users[].user.exec`) who we are.
 *
 * client-node can do this too, but it lets a plugin hang for ever, starts one for every request that is under way, and does
 * not tell the plugin what kubectl tells it (KUBERNETES_EXEC_INFO).
 */
import { execFile } from 'node:child_process';
import { z } from 'zod';
import type { ClusterEntry, ExecEntry } from './kubeconfig-file.ts';

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

export async function askPlugin(
  plugin: ExecEntry,
  cluster: ClusterEntry,
  { timeoutMs, env }: { timeoutMs: number; env: Readonly<Record<string, string | undefined>> },
): Promise<PluginCredential> {
  const printed = await runPlugin(plugin, timeoutMs, {
    ...env,
    ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, cluster)),
  });
  // The output may hold a credential whatever its shape, so no error quotes it.
  let json: unknown;
  try {
    json = JSON.parse(printed);
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

function runPlugin(plugin: ExecEntry, timeoutMs: number, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      plugin.command,
      plugin.args ?? [],
      { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        if (error.code === ('ENOENT' as unknown)) return reject(failure(plugin, 'is not installed or not on PATH'));
        if (error.killed) return reject(failure(plugin, `did not finish within ${timeoutMs / 1000} s`));
        const said = lastLine(stderr);
        const how = typeof error.code === 'number' ? `exit code ${error.code}` : String(error.code ?? error.signal);
        return reject(failure(plugin, `failed (${how})${said === '' ? '' : `: ${said}`}`));
      },
    );
    // Nobody is there to answer a plugin's question: let it see that at once.
    child.stdin?.on('error', () => undefined).end();
  });
}

const failure = (plugin: ExecEntry, what: string): CredentialError =>
  new CredentialError(
    `the credential plugin \`${plugin.command}\` ${what}. ${
      plugin.installHint?.trim().replace(/\s+/g, ' ') || 'Run it by hand, or log in again, and then repeat this'
    }`,
  );

const lastLine = (output: string): string => (output.trim().split('\n').at(-1) ?? '').trim().slice(0, 300);

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
