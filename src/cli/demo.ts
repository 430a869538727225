/** Serves the demo cluster until it is stopped, and writes a kubeconfig with which kubectl and the runbooks reach it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startScenario } from '../local/demo.ts';
import type { Paint } from './style.ts';

export interface ServeOptions {
  /** Where to write the kubeconfig; a temporary folder when left out. */
  write?: string;
  trouble?: string;
}

export async function serveDemo(scenario: string, { write, trouble }: ServeOptions, paint: Paint): Promise<void> {
  const demo = await startScenario(scenario, trouble === undefined ? {} : { trouble });
  const folder = write === undefined ? await mkdtemp(join(tmpdir(), 'runbook-demo-')) : undefined;
  const file = write === undefined ? join(folder ?? '', 'kubeconfig') : resolve(write);
  await writeFile(file, demo.kubeconfig(), { mode: 0o600 });
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
  await new Promise<void>((stopped) => {
    process.once('SIGINT', stopped);
    process.once('SIGTERM', stopped);
  });
  await demo.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
