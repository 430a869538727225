/** What changed and when, from the text of one `git log`. */
import { expect, it } from 'vitest';
import { firstChange, lastChange, readHistory } from '../../src/site/history.ts';

const log = (...commits: readonly (readonly [seconds: number, references: string, ...files: string[]])[]): string =>
  commits
    .map(([seconds, references, ...files]) =>
      [`commit\t${seconds}abc\t${seconds}\t${references}\tChange at\t${seconds}`, '', ...files, ''].join('\n'),
    )
    .join('\n');

it('tells each change of each page, newest first', () => {
  expect(
    readHistory(log([200, 'HEAD -> main', 'M\tcontent/a.md', 'D\tcontent/c.md'], [100, '', 'A\tcontent/a.md'])),
  ).toEqual([
    { file: 'content/a.md', kind: 'updated', date: new Date(200_000), commit: '200abc', subject: 'Change at\t200' },
    { file: 'content/c.md', kind: 'removed', date: new Date(200_000), commit: '200abc', subject: 'Change at\t200' },
    { file: 'content/a.md', kind: 'added', date: new Date(100_000), commit: '100abc', subject: 'Change at\t100' },
  ]);
});

it('finds the newest change of a page, and the one that brought it', () => {
  const changes = readHistory(log([200, '', 'M\tcontent/a.md'], [100, '', 'A\tcontent/a.md', 'A\tcontent/b.md']));
  expect(lastChange('content/a.md', changes)?.date).toEqual(new Date(200_000));
  expect(firstChange('content/a.md', changes)?.date).toEqual(new Date(100_000));
  expect(lastChange('content/none.md', changes)).toBeUndefined();
});

it('does not believe the end of a shallow history', () => {
  const changes = readHistory(
    log([200, 'HEAD -> main', 'M\tcontent/a.md'], [100, 'grafted', 'A\tcontent/a.md', 'A\tcontent/b.md']),
  );
  expect(changes.map(({ file }) => file)).toEqual(['content/a.md']);
  expect(firstChange('content/a.md', changes)).toBeUndefined();
});

it('tells nothing without git', () => {
  expect(readHistory('')).toEqual([]);
});
