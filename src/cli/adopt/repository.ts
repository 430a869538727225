/** Where the clone comes from, which is where its pages are edited. */
import { git } from './clone.ts';
import type { Proposal } from './told.ts';

/** The address of the repository in a browser, and its branch; nothing where the clone has no such origin. */
export async function repositoryHere(): Promise<readonly Proposal[]> {
  const origin = await git('remote', 'get-url', 'origin');
  const repository = addressOf(origin?.trim() ?? '');
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
