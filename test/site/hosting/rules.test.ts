/** What the hosts are told, on paper: policy, headers, redirects, and the mirror's files. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stack } from '#stack';
import { has, partNames } from '../../../runbooks/parts.ts';
import { contentSecurityPolicy, inlineScripts } from '../../../src/site/hosting/content-security-policy.ts';
import { copySite, siteFiles } from '../../../src/site/hosting/mirror.ts';
import { headersFile, redirectsFile } from '../../../src/site/hosting/pages.ts';
import { redirects } from '../../../src/site/hosting/rules.ts';
import { attribute, dist, fileOf, pages } from '../dist.ts';

describe('the policy', () => {
  const policy = /Content-Security-Policy: (.*)/.exec(readFileSync(join(dist, '_headers'), 'utf8'))?.[1] ?? '';
  const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';

  it('allows every inline script of every page by its hash, and no other', () => {
    const hashes = new Set(
      pages.flatMap(({ html }) =>
        inlineScripts(html).map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`),
      ),
    );
    expect(hashes.size).toBeGreaterThan(5);
    expect(
      scripts
        .split(' ')
        .filter((source) => source.startsWith("'sha256-"))
        .sort(),
    ).toEqual([...hashes].sort());
    expect(scripts).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
  });

  it('shuts everything that it does not name', () => {
    expect(policy).toContain("default-src 'none'");
    for (const directive of ['object-src', 'base-uri', 'form-action', 'frame-ancestors'])
      expect(policy).toContain(`${directive} 'none'`);
  });

  it('hashes what runs, and no data', () => {
    const html = [
      '<script>a</script><script type="module">b</script><script type="text/javascript">c</script>',
      '<script src="/d.js"></script><script type="application/ld+json">{}</script><script type="application/json">{}</script>',
      '<template><script>e</script></template><!-- <script>f</script> --><textarea><script>g</script></textarea>',
    ].join('');
    expect(inlineScripts(html)).toEqual(['a', 'b', 'c', 'e']);
    expect(contentSecurityPolicy(['a', 'a']).match(/sha256-/g)).toHaveLength(1);
  });

  it('finds nothing in the pages that no hash could allow', () => {
    const found = pages.flatMap(({ url, elements }) =>
      elements.flatMap(({ tagName, attrs }) =>
        attrs
          .filter(({ name, value }) => /^on/i.test(name) || /^\s*javascript:/i.test(value))
          .map(({ name }) => `${url}: <${tagName} ${name}>`),
      ),
    );
    expect(found).toEqual([]);
  });
});

describe('a rule for a header', () => {
  it('replaces what an earlier one says', () => {
    expect(
      headersFile([
        { path: '/*', headers: { A: '1', B: null } },
        { path: '/x/*', headers: { A: '2' } },
      ]),
    ).toBe('/*\n  A: 1\n  ! B\n\n/x/*\n  ! A\n  A: 2\n');
  });

  it('that Pages would ignore stops the build', () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ path: `/${index}`, headers: { A: '1' } }));
    expect(() => headersFile(many)).toThrow('101 rules');
    expect(() => headersFile([{ path: '/*', headers: { A: 'x'.repeat(2000) } }])).toThrow('2005 characters');
    const everywhere = Array.from({ length: 51 }, () => ({ from: '/a/', to: '/b/', status: 301 }) as const);
    expect(() => redirectsFile(everywhere)).toThrow('102 rules');
  });
});

describe('a redirect', () => {
  it.each(redirects)('from $from leads to a page, and hides none', ({ from, to }) => {
    expect(fileOf(from)).toBeUndefined();
    const { pathname, hash } = new URL(to, stack.site.url);
    const target = pages.find(({ url }) => url === pathname);
    expect(target, pathname).toBeDefined();
    if (hash !== '')
      expect(
        target?.elements.some((element) => attribute(element, 'id') === hash.slice(1)),
        hash,
      ).toBe(true);
  });

  it('is said once', () => {
    expect(new Set(redirects.map(({ from }) => from)).size).toBe(redirects.length);
  });
});

it.runIf(has('splitHorizon'))('is published as the project whose hostname the stack names', () => {
  // JSON with comments and a last comma is YAML but for the comments.
  const settings = parse(readFileSync('wrangler.jsonc', 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')) as Record<
    string,
    unknown
  >;
  expect(`${String(settings['name'])}.pages.dev`).toBe(partNames.splitHorizon.pages);
  expect(settings['pages_build_output_dir']).toBe('dist');
});

it('gives the mirror the same bytes each time, without the instructions for Pages', () => {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'site-')));
  try {
    const [first, second] = folders.map((folder) => {
      copySite(dist, folder);
      return siteFiles(folder).map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      ]);
    });
    expect(first).toEqual(second);
    expect(first?.length).toBeGreaterThan(siteFiles(dist).length);
    for (const file of ['_headers', '_redirects', 'index.html.gz'])
      expect(existsSync(join(folders[0] ?? '', file)), file).toBe(false);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true });
  }
});
