/** The Enter key of the terminal, while it is ours. */
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const glanceMs = 5000;

/**
 * Calls back for each line that is entered.
 *
 * @returns Whether there is a keyboard to listen to.
 */
export function onEnter(listen: () => void): boolean {
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, terminal: false }).on('line', listen);
  const attend = (): void => {
    if (isInForeground()) return void lines.resume();
    lines.pause();
    // Nobody says when a job that runs is brought back.
    setTimeout(attend, glanceMs).unref();
  };
  attend();
  // A job that was stopped goes on, in the foreground or the background.
  process.on('SIGCONT', attend);
  return true;
}

/** Whoever reads from the terminal in the background (`npm start &`) is stopped by the system. */
function isInForeground(): boolean {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' }).includes('+');
  } catch {
    // A machine without `ps` is a small container, whose terminal nobody shares.
    return true;
  }
}
