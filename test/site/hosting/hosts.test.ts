/** The public site and its mirror give the same answers: Cloudflare Pages' emulator and nginx are asked the same list of questions. */
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyOf } from '../../../src/site/hosting/content-security-policy.ts';
import { siteFiles } from '../../../src/site/hosting/mirror.ts';
import { contentTypes, headerRules, redirects } from '../../../src/site/hosting/rules.ts';
import { type Server, startMirror } from '../../support/nginx.ts';
import { startPages } from '../../support/pages-emulator.ts';
import { dist } from '../dist.ts';
import { type Answer, ask } from './ask.ts';
import { bodilessStatuses, ownHeaders, type Question, questions } from './requests.ts';

let pages: Awaited<ReturnType<typeof startPages>>;
let mirror: Server;
beforeAll(async () => {
  [pages, mirror] = await Promise.all([startPages(dist), startMirror(dist)]);
});
afterAll(() => Promise.all([pages.stop(), mirror.stop()]));

/** The one thing that the mirror changes in a page. */
const unmarked = (body: Buffer): string => body.toString('latin1').replace('<html data-host="mirror" ', '<html ');
const read = (file: string): string => readFileSync(join(dist, file)).toString('latin1');

const caching = {
  revalidate: 'public, max-age=0, must-revalidate',
  'for ever': 'public, max-age=31536000, immutable',
  never: 'no-store',
};

const shared = ({ headers, status }: Answer): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      // Neither body of a redirect is a file of the site, so neither is its type.
      ([name]) => !(name in ownHeaders) && !(name === 'content-type' && bodilessStatuses.includes(status)),
    ),
  );

function expectAnswer(answer: Answer, question: Question): void {
  const { status, location, type, file } = question;
  expect(answer.status).toBe(status);
  expect(answer.headers['location']).toBe(location);
  if (type !== undefined) expect(answer.headers['content-type']).toBe(type);
  if (question.caching !== undefined) expect(answer.headers['cache-control']).toBe(caching[question.caching]);
  if (file !== undefined) expect(unmarked(answer.body) === read(file), `the body is ${file}`).toBe(true);
}

describe('the list of questions', () => {
  const titled = questions.map((question) => {
    const { method = 'GET', path, headers = {}, status } = question;
    const sent = Object.entries(headers).map(([name, value]) => ` with ${name} ${value}`);
    return { ...question, title: `${method} ${path}${sent.join()}: ${status}` };
  });
  it.each(titled)('$title', async (question) => {
    const [fromPages, fromMirror] = await Promise.all([
      ask(pages, question.path, question),
      ask(mirror, question.path, question),
    ]);
    expectAnswer(fromPages, question);
    if (question.mirror) {
      expect(fromMirror.status).toBe(question.mirror.status);
      expect(fromMirror.headers['location']).toBeUndefined();
      return;
    }
    expectAnswer(fromMirror, question);
    expect(shared(fromMirror)).toEqual(shared(fromPages));
  });
});

describe('every file', () => {
  const address = (file: string): string => `/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`;
  const files = siteFiles(dist);

  it('is the same from both, with the same headers', async () => {
    for (const file of files) {
      const [fromPages, fromMirror] = await Promise.all([ask(pages, address(file)), ask(mirror, address(file))]);
      expect(fromPages.status, file).toBe(200);
      expect(fromMirror.status, file).toBe(200);
      expect(shared(fromMirror), file).toEqual(shared(fromPages));
      expect(fromPages.body.toString('latin1') === read(file), `${file} from Pages`).toBe(true);
      expect(unmarked(fromMirror.body) === read(file), `${file} from the mirror`).toBe(true);
    }
  });

  it('is kept for ever when its name changes with its content, and only then', async () => {
    for (const file of files) {
      const { headers } = await ask(mirror, address(file));
      const isNamedByContent = /^_astro\/|^pagefind\/(fragment|index)\/|\.pf_meta$/.test(file);
      expect(headers['cache-control'], file).toBe(caching[isNamedByContent ? 'for ever' : 'revalidate']);
    }
  });

  it('comes compressed from the mirror, byte by byte the same', async () => {
    for (const file of files.filter((each) =>
      ['.css', '.js', '.html', '.svg', '.json', '.xml'].includes(extname(each)),
    )) {
      const { headers, body } = await ask(mirror, address(file), { headers: { 'accept-encoding': 'gzip' } });
      if (headers['content-encoding'] === undefined) {
        // Too small to gain from it.
        expect(readFileSync(join(dist, file)).length, file).toBeLessThan(1024);
        continue;
      }
      expect(headers['vary'], file).toBe('Accept-Encoding');
      expect(unmarked(gunzipSync(body)) === read(file), file).toBe(true);
    }
  });

  it.each([
    ['a page', '/how-to/adopt/'],
    ['a file', '/favicon.svg'],
    ['a hashed file', `/${files.find((file) => file.endsWith('.css')) ?? ''}`],
  ])('is asked for again with its ETag: %s', async (_, path) => {
    for (const host of [pages, mirror]) {
      for (const encoding of ['identity', 'gzip']) {
        const first = await ask(host, path, { headers: { 'accept-encoding': encoding } });
        const tag = first.headers['etag'] ?? '';
        expect(tag).toMatch(/^(W\/)?".+"$/);
        const headers = { 'if-none-match': tag, 'accept-encoding': encoding };
        const again = await ask(host, path, { headers });
        expect(again.status).toBe(304);
        expect(again.body).toHaveLength(0);
        expect(again.headers['cache-control']).toBe(first.headers['cache-control']);
        const other = await ask(host, path, { headers: { 'if-none-match': '"other"', 'accept-encoding': encoding } });
        expect(other.status).toBe(200);
      }
    }
  });
});

describe('the headers', () => {
  it('are those of the rules, on every kind of answer', async () => {
    const [{ headers: forAll }] = headerRules(policyOf(dist)) as [ReturnType<typeof headerRules>[number]];
    for (const path of ['/', '/how-to/adopt', '/issues/', '/nothing', '/favicon.svg']) {
      for (const host of [pages, mirror]) {
        const { headers } = await ask(host, path);
        for (const [name, value] of Object.entries(forAll)) {
          if (name !== 'Cache-Control')
            expect(headers[name.toLowerCase()], `${name} of ${path}`).toBe(value ?? undefined);
        }
      }
    }
  });

  it('let other sites read the schemas, and nothing else', async () => {
    for (const host of [pages, mirror]) {
      expect((await ask(host, '/schemas/report-v2.json')).headers).toMatchObject({
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      });
      expect((await ask(host, '/favicon.svg')).headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('are all read by Pages', () => {
    const said = pages.said();
    expect(said).toContain(`Parsed ${redirects.length * 2} valid redirect rules.`);
    expect(said).toContain(`Parsed ${headerRules('').length} valid header rules.`);
    expect(said).not.toMatch(/invalid/i);
  });

  it('name the type of every kind of file that the site has', () => {
    const unnamed = new Set(files().map((file) => extname(file).slice(1)));
    for (const known of [...Object.keys(contentTypes), ...searchIndex]) unnamed.delete(known);
    expect([...unnamed]).toEqual([]);
  });
  const files = () => siteFiles(dist);
  /** Pagefind's own formats, which are plain bytes to anybody else. */
  const searchIndex = ['pagefind', 'pf_fragment', 'pf_index', 'pf_meta'];
});

describe('only the mirror', () => {
  it('marks each page, once', async () => {
    for (const path of ['/', '/how-to/adopt/', '/nothing']) {
      expect((await ask(mirror, path)).body.toString().match(/data-host="mirror"/g)).toHaveLength(1);
      expect((await ask(pages, path)).body.toString()).not.toContain('data-host="mirror"');
    }
  });

  it('says that it is well, and that it has a site', async () => {
    for (const path of ['/healthz', '/readyz']) {
      expect(await ask(mirror, path)).toMatchObject({ status: 200, body: Buffer.from('ok\n') });
      expect(await ask(pages, path)).toMatchObject({ status: 404 });
    }
  });

  // The emulator answers these with 502 for want of a file system; Pages itself with 404.
  it.each(['/_headers', '/_redirects', '/favicon.svg/', '/favicon.svg.gz', '/index.html.gz', '/nginx.conf'])(
    'has no %s',
    async (path) => {
      expect(await ask(mirror, path)).toMatchObject({ status: 404 });
    },
  );

  it('does not name its version', async () => {
    expect((await ask(mirror, '/')).headers['server']).toBe('nginx');
  });
});
