/**
 * How a browser gets to a person's clusters, and how nobody else does: a real `npm start` with a kubeconfig, at a port where another project
 * had left a service worker.
 */
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { doorPort } from '../../playwright.config.ts';
import { ownContext, startHandbook, type Handbook } from '../support/handbook.ts';

const port = doorPort;
const plain = `http://127.0.0.1:${port}`;
const issue = '/issues/gateway-not-programmed/';

test.describe.configure({ mode: 'serial' });

let handbook: Handbook;
/** A browser that was at this port before. */
let haunted: BrowserContext;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  haunted = await browser.newContext();
  await leaveServiceWorker(haunted);
  handbook = await startHandbook(port);
});
test.afterAll(async () => {
  await handbook.stop();
  await haunted.close();
});

const serve = async (
  listener: (request: IncomingMessage) => { type: string; body: string; headers?: Record<string, string> },
  at = 0,
): Promise<Server> => {
  const server = createServer((incoming, response) => {
    const { type, body, headers = {} } = listener(incoming);
    response.writeHead(200, { 'content-type': type, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  return server;
};

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Passes everything on, keeps what it has seen, and asks for more by itself. */
const spy = `
  const seen = [];
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  self.addEventListener('fetch', (event) => {
    seen.push(event.request.url, JSON.stringify([...event.request.headers]));
    event.respondWith(fetch(event.request).then(async (response) => {
      seen.push(JSON.stringify([...response.headers]), await response.clone().text());
      return response;
    }));
  });
  self.addEventListener('message', async (event) => {
    for (const [path, init] of event.data) {
      seen.push(await fetch(path, init).then(async (response) => response.status + ' ' + await response.text(), String));
    }
    event.source.postMessage(seen);
  });`;

async function leaveServiceWorker(context: BrowserContext): Promise<void> {
  const project = await serve(
    ({ url }) =>
      url === '/sw.js' ? { type: 'text/javascript', body: spy } : { type: 'text/html', body: 'Another project' },
    port,
  );
  const page = await context.newPage();
  await page.goto(plain);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  });
  await page.close();
  await stop(project);
}

/** What a program on this machine is answered, whatever it claims. */
const ask = (
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });

/** What a page offers to run against, once it has asked for it. */
async function options(page: Page): Promise<readonly string[]> {
  const offered = page.getByRole('combobox', { name: 'Cluster', exact: true }).locator('option');
  await expect(offered).not.toHaveCount(0);
  return offered.allTextContents();
}

/** Opens a link in a page, and waits until it says what came of it. */
async function comeIn(page: Page, link: string): Promise<string> {
  await page.goto(link);
  const note = page.locator('.entry-note');
  await expect(note).toBeVisible({ timeout: 30_000 });
  // The dev server may have its first page loaded again.
  await page.waitForLoadState('load');
  return (await note.textContent()) ?? '';
}

for (const [way, which] of [
  ['by name', 0],
  ['by number', 1],
] as const) {
  test(`a link ${way} leads to the contexts, once`, async ({ page, browser }) => {
    const link = (await handbook.links())[which] ?? '';
    const asked: string[] = [];
    page.on('request', (sent) => asked.push(sent.url()));
    expect(await comeIn(page, link)).toContain(`the context ${ownContext} of your kubeconfig`);
    const secret = new URL(link).hash.replace('#enter=', '');
    const { origin, hostname } = new URL(link);
    expect(page.url()).toBe(`${origin}/`);
    expect(asked.filter((url) => url !== link && url.includes(secret))).toEqual([]);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const [cookie, ...others] = await page.context().cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({
      domain: hostname,
      path: '/_runbook/',
      httpOnly: true,
      sameSite: 'Strict',
      expires: -1,
    });

    await page.goto(origin + issue);
    expect(await options(page)).toContain(ownContext);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page.locator('.rb-result .rb-report')).toHaveAttribute('data-outcome', 'passed');
    await page.goBack();
    expect(page.url()).toBe(`${origin}/`);

    // In another tab it is in; in another browser the link is of no use.
    const tab = await page.context().newPage();
    await tab.goto(origin + issue);
    expect(await options(tab)).toContain(ownContext);
    expect(await comeIn(await page.context().newPage(), link)).toContain(
      `the context ${ownContext} of your kubeconfig`,
    );
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    expect(await comeIn(other, link)).toContain('has been used');
    await other.goto(origin + issue);
    expect(await options(other)).not.toContain(ownContext);
    await stranger.close();
  });
}

test('the plain address has the demo cluster, and says how to get in', async ({ page }) => {
  await page.goto(plain + issue);
  await expect(page.locator('.rb-way-in')).toHaveText(/open the newest link that the handbook’s terminal printed/);
  expect(await options(page)).not.toContain(ownContext);
  expect(await page.content()).not.toContain(ownContext);
  await page.getByRole('combobox', { name: 'Cluster', exact: true }).selectOption('demo:healthy');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('.rb-result .rb-report')).toBeVisible();
});

test('a service worker that another project left sees no key, no secret and no context', async () => {
  const live = `/_runbook/run?runbook=gateway-not-programmed&source=live:${ownContext}`;
  const [named = '', numbered = ''] = await handbook.links();
  const tab = await haunted.newPage();
  expect(await comeIn(tab, numbered)).toContain(ownContext);

  // It does control the plain address, and the cookie of the fresh one goes there, too.
  const page = await haunted.newPage();
  await page.goto(plain + issue);
  await expect(page.locator('.rb-way-in')).toBeVisible();
  const seen = await page.evaluate(
    async ([path = '', fresh = '']) => {
      const worker = navigator.serviceWorker.controller;
      if (worker === null) throw new Error('The service worker is not in control.');
      const headers = { 'x-runbook-page': 'none' };
      const said = new Promise<string[]>((resolve) =>
        navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data as string[]), { once: true }),
      );
      worker.postMessage([
        ['/_runbook/sources', { headers }],
        [path, { headers }],
        [fresh + path, { headers, credentials: 'include' }],
        [fresh + '/_runbook/sources', { mode: 'no-cors', credentials: 'include' }],
        [fresh + '/', {}],
      ]);
      return said;
    },
    [live, new URL(numbered).origin],
  );
  const [sources = '', run, ...others] = seen.slice(-5);
  expect(JSON.parse(sources.replace(/^200 /, ''))).toMatchObject({ live: [], withheld: 1 });
  expect(run).toContain(
    '401 {"error":"The clusters of a kubeconfig are asked only by a page that came in through the link',
  );
  // The other origin answers nothing that can be read.
  expect(others).toEqual(['TypeError: Failed to fetch', '0 ', 'TypeError: Failed to fetch']);
  const half = await tab.evaluate(() => localStorage.getItem('handbook-page') ?? '');
  expect(half).toHaveLength(64);
  const secret = new URL(numbered).hash.slice('#enter='.length);
  const all = seen.slice(0, -5).join('\n');
  expect(all).toContain('/_runbook/sources');
  const cookies = (await haunted.cookies()).map(({ value }) => value);
  expect(cookies).toHaveLength(1);
  expect([secret, half, ...cookies, new URL(named).host, ownContext].filter((text) => all.includes(text))).toEqual([]);
});

test('a page of another port gets the cookie at most, which opens nothing; nor can it put one in its place', async ({
  page,
}) => {
  const [, link = ''] = await handbook.links();
  await comeIn(page, link);
  const { origin, host } = new URL(link);
  let stolen = '';
  const name = (await page.context().cookies())[0]?.name ?? '';
  const other = await serve((incoming) => {
    stolen = incoming.headers.cookie ?? stolen;
    return { type: 'text/html', body: 'Other', headers: { 'set-cookie': `${name}=tossed; Path=/_runbook/run` } };
  });
  const foreign = await page.context().newPage();
  const { port: otherPort } = other.address() as AddressInfo;
  await foreign.goto(`http://127.0.0.1:${otherPort}/_runbook/run`);
  // Cookies know no ports.
  expect(stolen).toContain(`${name}=`);
  for (const half of ['none', 'x'.repeat(64)]) {
    const { status, body } = await ask('/_runbook/sources', { host, cookie: stolen, 'x-runbook-page': half });
    expect([status, body.includes(ownContext)]).toEqual([200, false]);
  }
  const tried = await foreign.evaluate(async (target) => {
    const attempt = (path: string, init: RequestInit): Promise<string> =>
      fetch(target + path, { credentials: 'include', ...init }).then(
        async (response) => `${response.type} ${await response.text()}`,
        () => 'blocked',
      );
    return [
      await attempt('/_runbook/sources', { headers: { 'x-runbook-page': 'none' } }),
      await attempt('/_runbook/sources', { mode: 'no-cors' }),
      await attempt('/_runbook/enter', { method: 'POST', headers: { 'x-runbook-secret': 'a' } }),
      await attempt('/', {}),
    ];
  }, origin);
  expect(tried).toEqual(['blocked', 'opaque ', 'blocked', 'blocked']);
  await stop(other);

  await page.goto(origin + issue);
  expect(await options(page)).toContain(ownContext);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('.rb-result .rb-report')).toHaveAttribute('data-outcome', 'passed');
});

test('a link that is only looked at, or sent without its fragment, stays good', async ({ page }) => {
  const [link = ''] = await handbook.links();
  const { host, origin } = new URL(link);
  // As a preview of the link does, and a prefetch.
  expect((await ask('/', { host })).status).toBe(200);
  expect((await ask('/', { host, 'sec-purpose': 'prefetch', purpose: 'prefetch' })).status).toBe(200);
  await page.goto(`${origin}/`);
  await expect(page.locator('main')).toBeVisible();
  await page.goto('about:blank');
  expect(await comeIn(page, link)).toContain(ownContext);
});

test('a link that the browser opens before anybody asked for it stays good until somebody does', async ({ page }) => {
  const [link = ''] = await handbook.links();
  await page.addInitScript(() => {
    let isEarly = true;
    Object.defineProperty(document, 'prerendering', { get: () => isEarly });
    addEventListener('click', () => {
      isEarly = false;
      document.dispatchEvent(new Event('prerenderingchange'));
    });
  });
  const entries: string[] = [];
  page.on('request', (sent) => (sent.url().endsWith('/_runbook/enter') ? entries.push(sent.method()) : undefined));
  await page.goto(link, { waitUntil: 'networkidle' });
  expect(entries).toEqual([]);
  await page.locator('h1').click();
  await expect(page.locator('.entry-note')).toContainText(ownContext);
  expect(entries).toEqual(['POST']);
});

test('no page of any kind breaks the policy, and what a cluster says runs no script', async ({ page }) => {
  const [link = ''] = await handbook.links();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  // The framework's own socket, which tells of changes.
  let connected = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => (connected += String(payload).includes('"connected"') ? 1 : 0)),
  );
  await comeIn(page, link);
  const { origin } = new URL(link);
  for (const path of [
    issue,
    '/explanation/request-path/',
    '/reference/coverage/',
    '/tutorials/first-run/',
    '/nowhere/',
  ]) {
    connected = 0;
    const response = await page.goto(origin + path);
    const policy = (await response?.headerValue('content-security-policy')) ?? '';
    expect(/script-src [^;]*/.exec(policy)?.[0]).toMatch(/'sha256-/);
    expect(policy).not.toMatch(/script-src [^;]*'unsafe-(inline|eval)'/);
    await expect.poll(() => connected).toBeGreaterThan(0);
    if (path === '/explanation/request-path/') {
      await page.locator('.diagram-open').first().click();
      await page.keyboard.press('Escape');
    }
    await page.locator('button[data-open-modal]').first().click();
    await page.keyboard.press('Escape');
  }
  expect(problems).toEqual([]);

  await page.goto(origin + issue);
  const ran = await page.evaluate(async () => {
    const evil = document.createElement('div');
    evil.innerHTML = '<img src="x" onerror="window.ran = true"><svg onload="window.ran = true"></svg>';
    document.body.append(evil);
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (window as { ran?: boolean }).ran ?? false;
  });
  expect(ran).toBe(false);
  await expect.poll(() => problems.length).toBeGreaterThan(0);
});

test('opens no socket for a page of another origin, nor for no page', async () => {
  const [named = ''] = await handbook.links();
  const { host } = new URL(named);
  const client = await (await fetch(`${plain}/@vite/client`)).text();
  const token = /wsToken = "([\w-]+)"/.exec(client)?.[1] ?? '';
  expect(token).not.toBe('');
  const open = (protocol: string, headers: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, protocol, { headers });
      socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)));
      socket.on('error', (error) => resolve(error.message));
      socket.on('open', () => resolve('open'));
    });
  for (const protocol of ['vite-ping', 'vite-hmr']) {
    for (const headers of [{ origin: 'http://127.0.0.1:4999' }, { origin: 'null' }, {}, { host, origin: plain }]) {
      expect(await open(protocol, headers as Record<string, string>)).toBe('403');
    }
    expect(await open(protocol, { origin: plain })).toBe('open');
    expect(await open(protocol, { host, origin: `http://${host}` })).toBe('open');
  }
});

test('serves nothing of the clone but what pages load, for people keep kubeconfigs there', async () => {
  const host = `127.0.0.1:${port}`;
  for (const path of [
    '/package.json',
    '/package.json?raw',
    '/package.json?import&raw',
    '/test/all.ts?raw',
    '/README.md',
    `/@fs${process.cwd()}/package.json`,
  ]) {
    const { status, body } = await ask(path, { host });
    expect([path, status, body.includes('"dependencies"')]).toEqual([path, 403, false]);
  }
});

test('is told in a few lines of the terminal', () => {
  const [said = ''] = handbook.shown().split(/(?<=Another cluster: [^\n]*\n)/);
  const lines = said.trim().split(/\r?\n/);
  expect(lines.length).toBeLessThanOrEqual(7);
  expect(lines.filter((line) => line.includes('#enter='))).toHaveLength(2);
  // A link that wraps is one that cannot be clicked.
  for (const line of lines.filter((each) => each.includes('#enter='))) expect(line.length).toBeLessThanOrEqual(80);
});
