/** `npm start` on a terminal of its own, with a kubeconfig of the test. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScenario } from '../../src/sources/demo.ts';

/** The name of the one context that the kubeconfig has. */
export const ownContext = 'canary-home';

export interface Handbook {
  /** What the terminal has shown. */
  shown: () => string;
  /** Presses Enter, and returns the addresses of the link that is printed then. */
  links: () => Promise<readonly string[]>;
  stop: () => Promise<void>;
}

/** Starts it at a port that is free. */
export async function startHandbook(port: number): Promise<Handbook> {
  const cluster = await startScenario('healthy');
  const folder = mkdtempSync(join(tmpdir(), 'handbook-test-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = cluster.kubeconfig();
  const context = `contexts:\n  - { name: ${ownContext}, context: { cluster: demo, user: admin } }\ncurrent-context: ${ownContext}\n`;
  writeFileSync(kubeconfig, config.replace(/contexts:\n[\s\S]*$/, context), { mode: 0o600 });

  // `script` brings a terminal; where it is missing: apt-get install bsdutils.
  const command = `${process.execPath} src/server/start.ts --port ${port}`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', KUBECONFIG: kubeconfig, HOME: folder, TERM: 'dumb' },
  });
  let shown = '';
  terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const ended = new Promise<void>((resolve) => terminal.on('close', () => resolve()));
  const says = (text: RegExp, from = 0): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!text.test(shown.slice(from))) return;
        terminal.stdout.off('data', look);
        resolve();
      };
      terminal.stdout.on('data', look);
      terminal.on('error', reject);
      void ended.then(() => reject(new Error(`The handbook ended: ${shown}`)));
      look();
    });
  await says(/Another cluster: [^\n]*\n/);
  return {
    shown: () => shown,
    links: async () => {
      const before = shown.length;
      terminal.stdin.write('\r');
      await says(/#enter=\w+\s[\s\S]*#enter=\w+\s/, before);
      return shown.slice(before).match(/http:\S+/g) ?? [];
    },
    stop: async () => {
      terminal.stdin.write('\u0003');
      await ended;
      await cluster.close();
    },
  };
}
