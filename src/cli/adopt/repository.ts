/** Where the clone comes from, which is where its pages are edited. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Proposal } from './told.ts';

const root = join(import.meta.dirname, '../../..');

/** The address of the repository in a browser, and its branch; nothing where the clone has no such origin. */
export async function repositoryHere(): Promise<readonly Proposal[]> {
  const origin = await git('remote', 'get-url', 'origin');
  const repository = addressOf(origin);
  return repository === undefined
    ? []
    : [{ path: 'site.repository', value: repository, from: 'git remote get-url origin' }];
}

/** `https://host/owner/name` of what Git takes for a remote on a server. */
export function addressOf(remote: string): string | undefined {
  const [, host, path] =
    /^(?:https:\/\/(?:[^@/]*@)?|ssh:\/\/git@|git@)([\w.-]+)(?::\d+)?[:/](.+?)(?:\.git)?\/?$/.exec(remote) ?? [];
  return host === undefined || path === undefined ? undefined : `https://${host}/${path}`;
}

async function git(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('git', [...args], { cwd: root })).stdout.trim();
  } catch {
    return '';
  }
}
