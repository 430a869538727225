/** What is made from the stack file and stands in Git: made anew by the programs that make it, in processes that know the new names. */
import { spawn } from 'node:child_process';
import { root } from './clone.ts';

const made = [
  { what: 'the recorded runs that pages show', script: 'src/recording/record.ts', command: 'npm run record' },
  {
    what: 'the diagrams, which takes a Chromium',
    script: 'src/site/diagrams/update.ts',
    command: 'npm run diagrams',
  },
] as const;

/** Every step, for somebody who takes them by hand. */
export const commands: readonly string[] = made.map(({ command }) => command);

/** Makes all of it anew; returns what could not be made, with the command that makes it. */
export async function renew(note: (text: string) => void): Promise<readonly string[]> {
  const left: string[] = [];
  for (const { what, script, command } of made) {
    note(`Renews ${what}: ${command}`);
    if (!(await succeeds(script))) left.push(`${command} (${what}; it did not come to its end here)`);
  }
  return left;
}

const succeeds = (script: string): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
