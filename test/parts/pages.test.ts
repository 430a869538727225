/** Pages of a stack that lacks parts, alone and all of them: every name in them is one that the stack has, and no word is about what it lacks. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { allParts } from '../../runbooks/parts.ts';
import { namesInPages } from '../../runbooks/stack-listeners.ts';
import type { Part } from '../../runbooks/stack-type.ts';
import { absentFilesOf } from '../../src/site/absent-pages.ts';
import { withParts } from '../../src/site/markdown/parts.ts';
import { resolved } from '../../src/site/publish/markdown.ts';
import { pagesFromFiles } from '../../src/site/publish/page-files.ts';
import { stack as lean } from '../stacks/lean.ts';
import { stack as whole } from '../stacks/other.ts';
import { wordsOf } from './words.ts';

/** The stack file's own how-to says what the parts are called. */
const aboutParts = ['how-to/adopt.md'];

const files = globSync('content/**/*.md').map((file) => file.slice('content/'.length));

/** The pages of a stack without some parts, as they are published for machines. */
function pagesWithout(absent: readonly Part[]): ReadonlyMap<string, string> {
  const isThere = (part: string): boolean => !absent.some((one) => one === part);
  const { gateway, certificate } = isThere('wildcard') ? whole : lean;
  const sections = absent.filter((part) => part !== 'wildcard');
  const own = namesInPages({
    ...{ ...whole, gateway, certificate },
    ...Object.fromEntries(sections.map((part) => [part, null])),
  });
  const gone = absentFilesOf(isThere);
  return new Map(
    files
      .filter((file) => !gone.includes(file))
      .map((file) => [file, resolved(withParts(readFileSync(`content/${file}`, 'utf8'), isThere), own)]),
  );
}

/** What a stack may be without at once: each part, with those that need it, and all. */
const cases: readonly (readonly [string, readonly Part[]])[] = [
  ['internalService', ['internalService']],
  ['cilium', ['cilium']],
  ['externalDns', ['externalDns']],
  ['vault and externalSecrets', ['vault', 'externalSecrets']],
  ['splitHorizon', ['splitHorizon']],
  ['tailnetResolver and splitHorizon', ['tailnetResolver', 'splitHorizon']],
  ['wildcard', ['wildcard']],
  ['any part', allParts],
];

describe.each(cases)('without %s', (_, absent) => {
  const pages = pagesWithout(absent);

  it('no page speaks of it', () => {
    const told = [...pages]
      .filter(([file]) => !aboutParts.includes(file))
      .flatMap(([file, text]) =>
        text.split('\n').flatMap((line) => (wordsOf(absent).test(line) ? [`${file}: ${line}`] : [])),
      );
    expect(told).toEqual([]);
  });

  it('no link leads to a page that is not there', () => {
    const paths = new Set([...pages.keys()].map((file) => `/${file.replace(/(^|\/)?index\.md$|\.md$/, '/')}`));
    const made = ['/reference/findings/', '/reference/coverage/', '//'];
    const astray = [...pages].flatMap(([file, text]) =>
      [...text.matchAll(/\]\((?:https:\/\/guide\.lab\.example\.net)?(\/[^)#\s]*)/g)]
        .map(([, path = '']) => path)
        .filter((path) => !paths.has(path) && !made.includes(path) && !/\.\w+$/.test(path) && path !== '/')
        .map((path) => `${file}: ${path}`),
    );
    expect(astray).toEqual([]);
  });
});

it('an assistant that is started in another folder has the same pages', () => {
  const ask = `const { pagesFromFiles } = await import(${JSON.stringify(new URL('../../src/site/publish/page-files.ts', import.meta.url))});
    console.log(JSON.stringify(pagesFromFiles().map(({ id }) => id)));`;
  const told = execFileSync(process.execPath, ['--conditions=handbook-lean', '--input-type=module', '-e', ask], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  expect(JSON.parse(told)).toEqual(pagesFromFiles().map(({ id }) => id));
});

it('a whole stack has every page, and no tag is left', () => {
  const pages = pagesWithout([]);
  expect(pages.size).toBe(files.length);
  expect([...pages].filter(([file, text]) => !aboutParts.includes(file) && /\{\{[#^/]/.test(text))).toEqual([]);
});
