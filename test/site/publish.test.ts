/** The pure part of what is published for machines. */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { stack } from '#stack';
import type { Change } from '../../src/site/history.ts';
import { markdownPath, pagePath, previewPath } from '../../src/site/publish/addresses.ts';
import { feedItems } from '../../src/site/publish/feed.ts';
import { jsonLdText } from '../../src/site/publish/json-ld.ts';
import { pageMarkdown, resolved } from '../../src/site/publish/markdown.ts';
import { has } from '../../runbooks/parts.ts';

describe('resolved', () => {
  it('puts the names of the stack in, inside tables too', () => {
    expect(resolved('`{{gateway.name}}`')).toBe(`\`${stack.gateway.name}\``);
    expect(resolved('| `{{domain\\|regex}}` |')).toBe(`| \`${stack.domain.replaceAll('.', '\\.')}\` |`);
  });

  it('makes links lead somewhere from anywhere', () => {
    const url = (path: string): string => new URL(path, stack.site.url).href;
    expect(resolved('[a](/issues/a/#b) and [c](https://c.example/)\n\n[d]: /how-to/d/')).toBe(
      `[a](${url('/issues/a/#b')}) and [c](https://c.example/)\n\n[d]: ${url('/how-to/d/')}`,
    );
  });

  it('leaves code as it is', () => {
    const code = 'before\n\n```js\nconst a = b[c](/d/);\n```\n\nafter';
    expect(resolved(code)).toBe(code);
  });
});

it('quotes a title that YAML would take for something else', () => {
  const page = { title: 'A: "b"', description: 'c', url: 'https://a/', updated: new Date(0), body: 'text' };
  expect(pageMarkdown({ ...page, runbook: undefined })).toBe(
    '---\ntitle: "A: \\"b\\""\ndescription: "c"\nurl: https://a/\nupdated: 1970-01-01\n---\n\n# A: "b"\n\ntext\n',
  );
});

it('names the forms of a page after it', () => {
  const forms = (id: string): string[] => [pagePath(id), markdownPath(id), previewPath(id)];
  expect(forms('issues/a')).toEqual(['/issues/a/', '/issues/a.md', '/og/issues/a.png']);
  expect(forms('')).toEqual(['/', '/index.md', '/og/index.png']);
});

describe('feedItems', () => {
  const change = (file: string, kind: Change['kind'], commit: string): Change => ({
    file,
    kind,
    commit,
    date: new Date(0),
    subject: `Subject of ${commit}`,
  });
  const pages = new Map([['content/a.md', { title: 'A', url: 'https://h/a/', section: 'Issues' }]]);

  it('has one for each change of a page that is there, and tells them apart', () => {
    const items = feedItems(
      [
        change('content/a.md', 'updated', '2'),
        change('content/gone.md', 'removed', '2'),
        change('content/a.md', 'added', '1'),
      ],
      pages,
    );
    expect(items.map(({ title, description, customData }) => [title, description, customData])).toEqual([
      ['Changed: A', 'Subject of 2', '<guid isPermaLink="false">https://h/a/@2</guid>'],
      ['New: A', 'Subject of 1', '<guid isPermaLink="false">https://h/a/@1</guid>'],
    ]);
  });

  it('ends somewhere', () => {
    const many = Array.from({ length: 200 }, (_, index) => change('content/a.md', 'updated', String(index)));
    expect(feedItems(many, pages).length).toBeLessThan(100);
  });
});

it('lets nothing in a page’s data end its script element', () => {
  const page = { title: '</script><b>', description: '', url: 'https://a/b/', image: '', section: undefined };
  const text = jsonLdText({ ...page, published: undefined, updated: undefined });
  expect(text).not.toContain('<');
  expect(JSON.parse(text)).toMatchObject({ '@graph': [{ headline: '</script><b>' }, {}] });
});

describe('a preview', async () => {
  const { closedStation, drawPreview } = await import('../../src/site/preview/preview.ts');
  const page = { title: 'A title', description: 'What it is about.', section: 'Issues', runbook: runbooks[0] };

  it('is the same bytes each time, and others for another page', async () => {
    const first = await drawPreview(page);
    const other = await drawPreview({ ...page, title: 'A title that is rather long, so that it needs a second line' });
    const again = await drawPreview(page);
    expect(Buffer.from(again).equals(first)).toBe(true);
    expect(Buffer.from(other).equals(first)).toBe(false);
  });

  it('says which character the font lacks', async () => {
    await expect(drawPreview({ ...page, title: 'Straße 中' })).rejects.toThrow(/lacks ß 中|lacks 中 ß/);
  });

  it('closes the line where the issue shows', () => {
    const closed = Object.fromEntries(runbooks.map((runbook) => [runbook.id, closedStation(runbook)]));
    expect(closed).toMatchObject({
      'gateway-not-programmed': 'tailscale-proxy',
      'missing-sni': 'envoy',
      ...(has('externalDns') && has('tailnetResolver') ? { 'dns-record-missing': 'tailnet-resolver' } : {}),
      ...(has('externalSecrets') ? { 'secrets-not-synced': undefined } : {}),
    });
  });
});
