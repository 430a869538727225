/**
 * `npm run bench:start`: what `npm start` costs, with nothing kept from an earlier start and with what that one kept: seconds from the command to
 * the end of the first page, seconds of processor, and memory after the first page, after five more and after a run on the demo cluster.
 *
 * Memory is that of the server, as the system counts it (RSS, with the pages of Node's own program), and beside it what npm and its shell hold
 * meanwhile. The caches of this clone are deleted. On two cores 4 s and 400 MB are aimed at.
 *
 * Where the memory is, 320 MB after the first page of a warm start: 115 in what lives in JavaScript's heap (half of it source texts, of Vite, of what
 * Vite evaluates for pages and of what they import) and 40 in what does not any more; 90 in programs (Node, the bundler, the highlighter); the rest
 * is the bundler's own. The first run adds 60 for the demo cluster and the cluster's client; a cold start 70 for the compiler that strips types.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';

if (process.platform !== 'linux') throw new Error('Memory is read from /proc, which Linux has.');

const port = 4399;
const site = `http://127.0.0.1:${port}`;
const caches = ['.astro', 'node_modules/.astro', 'node_modules/.vite', 'node_modules/.cache/handbook'];
const firstPage = '/issues/gateway-not-programmed/';
const morePages = [
  '/',
  '/issues/request-path/',
  '/explanation/request-path/',
  '/reference/findings/',
  '/how-to/expose-an-app/',
];
const run = '/_runbook/run?runbook=gateway-not-programmed&source=demo:healthy';

interface Row {
  start: string;
  seconds: number;
  processor: number;
  /** In MB. */
  memory: { first: number; more: number; run: number; npm: number };
}

/** Seconds in the program and in the system. */
const processorOf = (pid: number): number => (Number(statOf(pid)[11]) + Number(statOf(pid)[12])) / 100;

const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const rows: Row[] = [];
for (const cache of caches) rmSync(cache, { recursive: true, force: true });
rows.push(await measure('cold'));
for (let again = 0; again < 3; again += 1) rows.push(await measure('warm'));

console.log('start   first page s   processor s   first page MB   5 more MB   a run MB   npm besides MB');
for (const { start, seconds, processor, memory } of rows) {
  const cells = [
    seconds.toFixed(1).padStart(15),
    processor.toFixed(1).padStart(14),
    memory.first.toFixed(0).padStart(16),
    memory.more.toFixed(0).padStart(12),
    memory.run.toFixed(0).padStart(11),
    memory.npm.toFixed(0).padStart(17),
  ];
  console.log(`${start.padEnd(5)}${cells.join('')}`);
}

async function measure(start: string): Promise<Row> {
  const began = performance.now();
  // A group of its own, for npm passes no signal on.
  const npm = spawn('npm', ['start', '--', '--port', String(port)], { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => npm.once('exit', resolve));
  const group = npm.pid;
  if (group === undefined) throw new Error('There is no npm.');
  try {
    await whenUp(() => get(firstPage));
    const seconds = (performance.now() - began) / 1000;
    const [server, ...others] = tree(group).toSorted((one, other) => memoryOf(other) - memoryOf(one));
    if (server === undefined) throw new Error('The handbook has ended.');
    const processor = processorOf(server);
    const first = memoryOf(server);
    const npmMemory = others.reduce((sum, pid) => sum + memoryOf(pid), 0);
    for (const page of morePages) await get(page);
    const more = memoryOf(server);
    await get(run);
    return { start, seconds, processor, memory: { first, more, run: memoryOf(server), npm: npmMemory } };
  } finally {
    // What this start has compiled is written a few seconds after it.
    await new Promise((later) => setTimeout(later, 6000));
    process.kill(-group);
    await ended;
  }
}

async function get(path: string): Promise<void> {
  const response = await fetch(site + path, { headers: { 'x-runbook-page': 'none' } });
  await response.text();
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}.`);
}

async function whenUp(ask: () => Promise<void>): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((later) => setTimeout(later, 20));
    }
  }
}

/** A process and its descendants. */
function tree(pid: number): readonly number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(statOf(name)[1]) === pid);
  return [pid, ...children.flatMap((child) => tree(Number(child)))];
}

/** The fields of `/proc/PID/stat` after the name: state, parent, ... */
function statOf(pid: number | string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
