/**
 * `npm run bench`: how the time of a run grows, as ratios, for a ratio means the same on any machine. Every figure is the median of
 * several runs against the demo cluster over real HTTPS, after one that does not count.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runbooks } from '../runbooks/index.ts';
import { connect } from '../src/cluster/connect.ts';
import { startDemo, type KubernetesObject } from '../src/demo/node/demo.ts';
import { run } from '../src/runbook/run.ts';
import type { Runbook } from '../src/runbook/runbook.ts';

const rounds = 7;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** Routes of another Gateway, as a large cluster has: they are read and found to be none of our business. */
const routes = (count: number): readonly KubernetesObject[] =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { namespace: 'other', name: `route-${index}` },
    spec: {
      parentRefs: [{ name: 'other' }],
      hostnames: [`app-${index}.example.org`],
      rules: [{ backendRefs: [{ name: 'app', port: 80 }] }],
    },
  }));

async function measure(
  objects: readonly KubernetesObject[],
  chosen: readonly Runbook[],
): Promise<{ ms: number; requests: number }> {
  const demo = await startDemo({ objects });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, demo.kubeconfig());
  const times: number[] = [];
  let requests = 0;
  for (let round = 0; round <= rounds; round++) {
    const cluster = connect({ source: 'demo', kubeconfig });
    const start = performance.now();
    const { report } = await run({ runbooks: chosen, cluster });
    if (round > 0) times.push(performance.now() - start);
    requests = report.requests;
    await cluster.close();
  }
  await demo.close();
  return { ms: median(times), requests };
}

const one = runbooks.slice(0, 1);
const base = await measure([], one);
const rows = [
  { what: 'one runbook', ...base },
  { what: `all ${runbooks.length} runbooks`, ...(await measure([], runbooks)) },
  { what: 'one runbook, 1,000 more routes', ...(await measure(routes(1_000), one)) },
  { what: 'one runbook, 10,000 more routes', ...(await measure(routes(10_000), one)) },
];
rmSync(folder, { recursive: true });
console.log('what                               requests   time, one runbook = 1');
for (const { what, ms, requests } of rows) {
  console.log(`${what.padEnd(34)} ${String(requests).padStart(8)}   ${(ms / base.ms).toFixed(1).padStart(6)}`);
}

/** From the call until the API server, the gateway and the resolvers answer, the controllers settled. */
async function start(objects: readonly KubernetesObject[]): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begin = performance.now();
    const demo = await startDemo({ objects });
    if (round > 0) times.push(performance.now() - begin);
    await demo.close();
  }
  return median(times);
}

const bare = await start([]);
console.log(
  `\ndemo cluster ready after ${bare.toFixed(0)} ms; with 10,000 more routes ${((await start(routes(10_000))) / bare).toFixed(1)} times that`,
);
