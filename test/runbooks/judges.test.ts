/** Judges can be read aloud: half of them in twelve lines, none over forty. */
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';

/** How many lines each judge has, by where it stands. */
function judgesIn(file: string): readonly (readonly [string, number])[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const found: (readonly [string, number])[] = [];
  const visit = (node: ts.Node): void => {
    const isJudge = (ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node)) && node.name.getText() === 'judge';
    if (isJudge) {
      const start = lineOf(node.getStart());
      found.push([`${file}:${start + 1}`, lineOf(node.getEnd()) - start + 1] as const);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const judges = globSync('runbooks/components/**/*.ts').flatMap(judgesIn);

it('there is one for each check', () => expect(judges.length).toBeGreaterThan(80));

it('none has more than forty lines', () => {
  expect(judges.filter(([, lines]) => lines > 40)).toEqual([]);
});

it('half of them have twelve lines or fewer', () => {
  const short = judges.filter(([, lines]) => lines <= 12);
  expect(short.length, `${short.length} of ${judges.length}`).toBeGreaterThanOrEqual(judges.length / 2);
});
