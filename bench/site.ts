/**
 * `npm run bench:site`: Lighthouse on a phone, for every kind of page of the built site (`npm run build` first), and beside them the start page
 * of a Starlight site with nothing in it. Bytes are what crosses the wire, gzipped; scores are out of 100, the median of three runs.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright';
import { ensureBrowser } from '../test/support/browser.ts';
import { ensureTool } from '../tools/tool.ts';

const kinds = [
  ['the front page', '/'],
  ['a tutorial', '/tutorials/first-run/'],
  ['a how-to', '/how-to/expose-an-app/'],
  ['an issue, with recorded runs', '/issues/gateway-not-programmed/'],
  ['the issue with most checks', '/issues/request-path/'],
  ['an explanation, with diagrams', '/explanation/request-path/'],
  ['a reference', '/reference/components/'],
] as const;

const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const;
const runs = 3;

if (!existsSync('dist/index.html')) throw new Error('There is no built site. Run "npm run build" first.');
const entry = pathToFileURL(join(ensureTool('lighthouse'), 'core/index.js')).href;
const { default: lighthouse } = (await import(entry)) as Lighthouse;
const folder = mkdtempSync(join(resolve('node_modules'), '.bench-site-'));
const debugging = await freePort();
const chrome = await chromium.launch({
  executablePath: ensureBrowser(() => undefined),
  args: [`--remote-debugging-port=${debugging}`, '--no-sandbox', '--disable-background-networking'],
});
const servers: (() => void)[] = [];

try {
  console.log(
    ['page', 'performance', 'accessible', 'practices', 'seo', 'LCP s', 'CLS', 'requests', 'kB', 'kB of JS']
      .map((title, index) => (index === 0 ? title.padEnd(36) : title.padStart(11)))
      .join(''),
  );
  const ours = await serve('dist');
  for (const [title, path] of kinds) await report(title, `${ours}${path}`);
  await report('Starlight with nothing in it', `${await serve(await buildBare())}/`);
} finally {
  servers.forEach((stop) => stop());
  await chrome.close();
  rmSync(folder, { recursive: true });
}

async function report(title: string, url: string): Promise<void> {
  const results: Result[] = [];
  for (let run = 0; run < runs; run += 1) {
    const result = await lighthouse(url, {
      port: debugging,
      output: 'json',
      logLevel: 'silent',
      onlyCategories: [...categories],
    });
    if (result === undefined) throw new Error(`Lighthouse had nothing to say about ${url}.`);
    results.push(result.lhr);
  }
  const middle = (value: (lhr: Result) => number): number =>
    results.map(value).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  const numeric = (audit: string) => (lhr: Result) => lhr.audits[audit]?.numericValue ?? 0;
  const requests = (lhr: Result): readonly NetworkRequest[] =>
    (lhr.audits['network-requests']?.details as { items?: readonly NetworkRequest[] } | undefined)?.items ?? [];
  const kilobytes = (type?: string) => (lhr: Result) =>
    requests(lhr)
      .filter(({ resourceType }) => type === undefined || resourceType === type)
      .reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000;
  const cells = [
    ...categories.map((id) => Math.round(middle((lhr) => (lhr.categories[id]?.score ?? 0) * 100)).toString()),
    (middle(numeric('largest-contentful-paint')) / 1000).toFixed(1),
    middle(numeric('cumulative-layout-shift')).toFixed(3),
    middle((lhr) => requests(lhr).length).toString(),
    middle(kilobytes()).toFixed(0),
    middle(kilobytes('Script')).toFixed(0),
  ];
  console.log([title.padEnd(36), ...cells.map((cell) => cell.padStart(11))].join(''));
  // What costs a point, so that a figure below 100 says why.
  const [last] = results;
  const counted = new Set(
    Object.values(last?.categories ?? {}).flatMap(({ auditRefs }) =>
      auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => id),
    ),
  );
  for (const { id, title: said, score, displayValue } of Object.values(last?.audits ?? {})) {
    if (counted.has(id) && score !== null && score < 0.9) console.log(`    ${id}: ${said} ${displayValue ?? ''}`);
  }
}

/** What is read here of Lighthouse's result. Its own types come with it, when it is installed. */
interface Result {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<
    string,
    {
      id: string;
      title: string;
      score: number | null;
      displayValue?: string;
      numericValue?: number;
      details?: unknown;
    }
  >;
}

interface Lighthouse {
  default: (url: string, options: object) => Promise<{ lhr: Result } | undefined>;
}

interface NetworkRequest {
  resourceType: string;
  transferSize: number;
}

/** Serves a folder in a process of its own, as Lighthouse is busy in this one. */
async function serve(root: string): Promise<string> {
  const port = await freePort();
  const server = spawn(process.execPath, ['test/support/static-server.ts', root, String(port)], { stdio: 'ignore' });
  servers.push(() => server.kill());
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      break;
    } catch {
      await new Promise((later) => setTimeout(later, 50));
    }
  }
  return `http://127.0.0.1:${port}`;
}

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}

/** A Starlight site as `create astro` makes it, with one page. */
async function buildBare(): Promise<string> {
  const root = join(folder, 'bare');
  mkdirSync(join(root, 'src/content/docs'), { recursive: true });
  writeFileSync(
    join(root, 'astro.config.mjs'),
    `import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
export default defineConfig({ site: 'https://example.org', integrations: [starlight({ title: 'Bare', description: 'Nothing.' })] });
`,
  );
  writeFileSync(
    join(root, 'src/content.config.ts'),
    `import { defineCollection } from 'astro:content';
import { docsLoader } from '@astrojs/starlight/loaders';
import { docsSchema } from '@astrojs/starlight/schema';
export const collections = { docs: defineCollection({ loader: docsLoader(), schema: docsSchema() }) };
`,
  );
  writeFileSync(
    join(root, 'src/content/docs/index.md'),
    '---\ntitle: A page\ndescription: A page with one sentence, to compare with.\n---\n\nOne sentence.\n',
  );
  const { build } = await import('astro');
  await build({ root, logLevel: 'error' });
  return join(root, 'dist');
}
