/**
 * Reads one kubeconfig file. Errors name places, never contents: a kubeconfig holds credentials.
 */
import { Refusal } from '../formats/refusal.ts';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { shorten } from '../runbook/words.ts';
import { FileError, readSmallFile } from './small-file.ts';

const text = z.string().nullish();

const clusterSchema = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text,
  'proxy-url': text,
});

const execSchema = z.object({
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: z.boolean().nullish(),
});

const userSchema = z.object({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  exec: execSchema.nullish(),
  // Texts only, as kubectl has it: client-node takes more, and runs what it finds there.
  'auth-provider': z.object({ name: z.string(), config: z.record(z.string(), z.string()).nullish() }).nullish(),
});

const contextSchema = z.object({ cluster: z.string(), user: text });

const name = z.string().min(1);

const fileSchema = z.object({
  'current-context': text,
  contexts: z.array(z.object({ name, context: contextSchema })).nullish(),
  clusters: z.array(z.object({ name, cluster: clusterSchema })).nullish(),
  users: z.array(z.object({ name, user: userSchema.nullish() })).nullish(),
});

export type KubeconfigFile = z.infer<typeof fileSchema>;
export type ContextEntry = z.infer<typeof contextSchema>;
export type ClusterEntry = z.infer<typeof clusterSchema>;
export type UserEntry = z.infer<typeof userSchema>;
export type ExecEntry = z.infer<typeof execSchema>;

/** @throws {Refusal} */
export function readKubeconfig(file: string): KubeconfigFile {
  const source = read(file);
  // Not `prettyErrors`: they quote the lines around the mistake, which may hold a token.
  const document = attempt(() => parseDocument(source, { prettyErrors: false, logLevel: 'silent' }));
  const mistake = document?.errors[0];
  const content = mistake === undefined ? attempt(() => document?.toJS() as unknown) : undefined;
  if (document === undefined || mistake !== undefined || content === undefined) {
    const where = mistake === undefined ? '' : `: see line ${source.slice(0, mistake.pos[0]).split('\n').length}`;
    throw new Refusal(
      'input',
      `The kubeconfig ${file} is not YAML${where}.`,
      'Correct it, or pass another with --kubeconfig FILE.',
      { code: 'invalid' },
    );
  }
  const parsed = fileSchema.safeParse(content ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${shorten(issue.path.join('.'))}`;
    throw new Refusal(
      'input',
      `${file} is not a kubeconfig${where}: ${issue?.message ?? 'it has another shape'}.`,
      'Compare it with the output of: kubectl config view',
      { code: 'invalid' },
    );
  }
  return withAbsolutePaths(parsed.data, path.dirname(path.resolve(file)));
}

/** @throws {Refusal} */
function read(file: string): string {
  try {
    return readSmallFile(file);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new Refusal(
      'input',
      `The kubeconfig ${file} cannot be read: ${error.message}.`,
      'Check the path and its permissions.',
      { code: 'unreadable' },
    );
  }
}

/** Aliases that lead nowhere show only when they are followed, and what is nested too deep when the stack is full. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Paths in a kubeconfig are relative to it, not to the working directory; and so is a plugin's, if it has a slash. */
function withAbsolutePaths(config: KubeconfigFile, directory: string): KubeconfigFile {
  const absolute = (file: string | null | undefined): string | undefined =>
    file ? path.resolve(directory, file) : undefined;
  for (const { cluster } of config.clusters ?? []) {
    cluster['certificate-authority'] = absolute(cluster['certificate-authority']);
  }
  for (const { user } of config.users ?? []) {
    if (!user) continue;
    user['client-certificate'] = absolute(user['client-certificate']);
    user['client-key'] = absolute(user['client-key']);
    user.tokenFile = absolute(user.tokenFile);
    if (user.exec && /[\\/]/.test(user.exec.command)) user.exec.command = path.resolve(directory, user.exec.command);
  }
  return config;
}
