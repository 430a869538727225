/** What stands in the repository for people: it points at what is there, and what programs read of it has the form that they read. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { stack } from '#stack';
import { notesOf } from '../tools/release-notes.ts';

const read = (file: string): string => readFileSync(file, 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
};

const pages = [...globSync('*.md'), ...globSync('docs/**/*.md')].sort();

describe.each(pages)('%s', (page) => {
  it('links to files that there are', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path ?? '');
    expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([]);
  });

  it('names scripts that there are', () => {
    const named = [...read(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });
});

describe('decisions', () => {
  const decisions = globSync('docs/decisions/*.md')
    .map((file) => file.slice('docs/decisions/'.length))
    .filter((file) => file !== 'README.md');

  it('are listed, each by its title', () => {
    const listed = [...read('docs/decisions/README.md').matchAll(/^- \[(.+)\]\((.+)\)$/gm)];
    expect(listed.map(([, , file]) => file).sort()).toEqual(decisions.sort());
    for (const [, title, file] of listed) expect(read(`docs/decisions/${file ?? ''}`)).toMatch(`# ${title ?? ''}\n`);
  });

  it.each(decisions)('%s says why, what it costs, and when to look again, on one screen', (file) => {
    const text = read(`docs/decisions/${file}`);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Why',
      'What it costs',
      'When to look at it again',
    ]);
    expect(text.split('\n').length).toBeLessThan(50);
  });
});

/** What GitHub takes for an issue form [docs.github.com: Syntax for GitHub's form schema]. */
const field = z.strictObject({
  type: z.enum(['textarea', 'input', 'dropdown', 'checkboxes']),
  id: z.string().regex(/^[\w-]+$/),
  attributes: z.strictObject({
    label: z.string(),
    description: z.string().optional(),
    placeholder: z.string().optional(),
    options: z.array(z.union([z.string(), z.strictObject({ label: z.string(), required: z.boolean() })])).optional(),
  }),
  validations: z.strictObject({ required: z.boolean() }).optional(),
});
const words = z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) });
const form = z.strictObject({
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  body: z.array(z.union([field, words])).min(2),
});

describe('issue forms', () => {
  const forms = globSync('.github/ISSUE_TEMPLATE/*.yml').filter((file) => !file.endsWith('config.yml'));

  it.each(forms)('%s has the form that GitHub takes', (file) => {
    const { body } = form.parse(parse(read(file)));
    const ids = body.flatMap((part) => ('id' in part ? [part.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    for (const part of body) {
      if ('id' in part && ['dropdown', 'checkboxes'].includes(part.type)) expect(part.attributes.options).toBeDefined();
    }
  });

  it('ask for a snapshot where a verdict is wrong, by the command that makes one', () => {
    const wrong = read('.github/ISSUE_TEMPLATE/wrong-verdict.yml');
    expect(wrong).toContain('npm run --silent runbook -- snapshot > ');
    expect(form.parse(parse(wrong)).body.some((part) => 'id' in part && part.id === 'snapshot')).toBe(true);
  });

  it('lead vulnerabilities and questions elsewhere', () => {
    const { blank_issues_enabled: blank, contact_links: links } = parse(read('.github/ISSUE_TEMPLATE/config.yml')) as {
      blank_issues_enabled: boolean;
      contact_links: { url: string }[];
    };
    expect(blank).toBe(false);
    expect(links.map(({ url }) => url)).toEqual([
      `${stack.site.repository}/security/advisories/new`,
      `${stack.site.url}/`,
    ]);
  });
});

it('owners are named for what there is', () => {
  const lines = read('.github/CODEOWNERS')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) {
    const [pattern = '', ...owners] = line.split(' ');
    expect(owners.length, line).toBeGreaterThan(0);
    for (const owner of owners) expect(owner).toMatch(/^@[\w-]+(\/[\w-]+)?$/);
    if (pattern !== '*') expect(existsSync(pattern.replace(/^\//, '')), line).toBe(true);
  }
});

it('Node is of one version wherever it is named', () => {
  const { node = '?' } = manifest.dependencies;
  expect(read('.node-version').trim()).toBe(node);
  expect(read('apps/docs/Dockerfile')).toContain(`node:${node}-`);
});

describe('the changelog', () => {
  const changelog = read('CHANGELOG.md');

  it('is kept: unreleased first, then versions with their days, newest first', () => {
    const [first, ...versions] = [...changelog.matchAll(/^## (.+)$/gm)].map(([, title]) => title ?? '');
    expect(first).toBe('[Unreleased]');
    for (const title of versions) expect(title).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/);
    const days = versions.map((title) => title.slice(-10));
    expect(days).toEqual(days.toSorted().toReversed());
  });

  it('has the headings that are customary', () => {
    const kinds = new Set([...changelog.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind));
    for (const kind of kinds)
      expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
  });

  it('gives a release its notes', () => {
    const text =
      '# Changelog\n\n## [Unreleased]\n\n## [1.10.0] - 2026-12-01\n\n### Added\n\n- A\n\n## [1.1.0] - 2026-11-30\n\n- B\n\n[1.1.0]: https://example.org/\n';
    expect(notesOf('1.10.0', text)).toBe('### Added\n\n- A');
    expect(notesOf('1.1.0', text)).toBe('- B');
    expect(notesOf('1.2.0', text)).toBeUndefined();
    expect(notesOf('Unreleased', text)).toBeUndefined();
  });
});
