/** Serves the demo cluster until it is stopped, and writes a kubeconfig with which kubectl and the runbooks reach it. */
import { Refusal } from '../formats/refusal.ts';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Demo } from '../demo/node/demo.ts';
import { loadFaults } from '../demo/node/faults.ts';
import type { Fault } from '../demo/fault.ts';
import { startScenario } from '../sources/demo.ts';
import type { Paint } from '../report/paint.ts';
import { remove, removeAtEnd, temporaryFolder } from '../demo/node/temporary.ts';
import { wrap } from '../report/style.ts';

export interface ServeOptions {
  /** Where to write the kubeconfig; a temporary folder when left out. */
  write?: string;
  trouble?: string;
}

export async function serveDemo(scenario: string, { write, trouble }: ServeOptions, paint: Paint): Promise<void> {
  // Heard from the start, so that whoever stops it early leaves nothing behind either.
  const stopped = new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  });
  const demo = await startScenario(scenario, trouble === undefined ? {} : { trouble });
  const file = await writeKubeconfig(demo, write).catch(async (error: unknown) => {
    await demo.close();
    throw error;
  });
  process.stdout.write(
    [
      `${paint.bold('The demo cluster')} (${scenario}) answers at ${demo.server} until you press Ctrl+C.`,
      '',
      '  In another terminal:',
      `    export KUBECONFIG=${file}`,
      '    kubectl get gateway -A',
      '    npm run --silent runbook -- run --all --cluster-only',
      '',
    ].join('\n'),
  );
  const fault = loadFaults().find(({ id }) => id === scenario);
  if (fault?.mend !== undefined) offerMend(demo, { world: fault.world, mend: fault.mend }, paint);
  await stopped;
  process.stdin.pause();
  // It leads nowhere any more.
  remove(write === undefined ? dirname(file) : file);
  await demo.close();
}

/** @returns where it is; it goes when the process does. */
async function writeKubeconfig(demo: Demo, write: string | undefined): Promise<string> {
  const file = write === undefined ? join(temporaryFolder(), 'kubeconfig') : resolve(write);
  try {
    await writeFile(file, demo.kubeconfig(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Refusal(
      'usage',
      `The kubeconfig could not be written to ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
      'Name a file that is not there yet, in a folder that you may write to. Nothing is overwritten.',
      { cause: error },
    );
  }
  removeAtEnd(file);
  return file;
}

/** Says what no kubectl command can mend, and does it when somebody at this terminal says so. */
function offerMend(demo: Demo, { world, mend }: Required<Pick<Fault, 'world' | 'mend'>>, paint: Paint): void {
  const say = (...lines: readonly string[]): void =>
    void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  say(paint.bold('What no kubectl command can mend here:'), wrap(mend, 80, '  '));
  if (!process.stdin.isTTY) return;
  say('Press Enter when that is done.');
  process.stdin.once('data', () => {
    process.stdin.pause();
    demo.mendWorld(world);
    say('It is done. What follows from it takes a few seconds.');
  });
}
