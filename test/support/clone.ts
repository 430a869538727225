/** A clone of the handbook in a folder of its own, with the stack that tests know in its stack file: for programs that change what is in Git. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param place Which of the repository's own files it holds. */
export function cloneHandbook(isTaken: (file: string) => boolean = () => true): string {
  const folder = mkdtempSync(join(tmpdir(), 'handbook-clone-'));
  const git = (where: string, ...args: readonly string[]): string =>
    execFileSync('git', [...args], { cwd: where, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const files = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean);
  for (const file of files.filter(isTaken)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  const stack = readFileSync(join(root, 'test/stacks/fixtures.ts'), 'utf8');
  writeFileSync(join(folder, 'runbooks/stack.ts'), stack.replace('../../runbooks/stack-type.ts', './stack-type.ts'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  return folder;
}
