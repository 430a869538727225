/**
 * Puts other names into the text of a stack file: only what changes is written anew, so that its form, its comments and what somebody has put
 * beside the names stay. What it comes to is read back before it takes the place of the file.
 */
import ts from 'typescript';
import { Refusal } from '../../formats/refusal.ts';
import type { App, Stack } from '../../../runbooks/stack-type.ts';
import { isSame } from './apps.ts';

interface Edit {
  start: number;
  end: number;
  text: string;
}

/**
 * The file's text with the names of a stack.
 *
 * @param file What the file is called, for what is said of it.
 * @throws {Refusal} where what has to change is not written as a plain value: what it is to be is then for a person to write.
 */
export function withNames(text: string, before: Stack, after: Stack, file: string): string {
  const editor = new Editor(text, file);
  const { app, apps, ...names } = after;
  editor.change(editor.stack, names, before, []);
  const changed = changedApps(before, after);
  if (!changed) return editor.text();
  editor.follow(before.app, app);
  editor.list(before.apps, apps, app);
  return editor.text();
}

const changedApps = (before: Stack, after: Stack): boolean =>
  JSON.stringify([before.app, before.apps]) !== JSON.stringify([after.app, after.apps]);

class Editor {
  readonly #edits: Edit[] = [];
  readonly #source: ts.SourceFile;
  readonly #text: string;
  readonly #file: string;
  readonly stack: ts.ObjectLiteralExpression;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const found = this.#declared('stack');
    if (found === undefined || !ts.isObjectLiteralExpression(found)) {
      throw new Refusal(
        'input',
        `${file} has no object that is declared as stack.`,
        'Write it as it was, export const stack: Stack = { ... }, and its names into it.',
      );
    }
    this.stack = found;
  }

  text(): string {
    return edited(this.#text, this.#edits);
  }

  /** Puts each text and number that differs into the object that holds it. */
  change(object: ts.ObjectLiteralExpression, after: object, before: object, path: readonly string[]): void {
    const was = before as Readonly<Record<string, unknown>>;
    for (const [key, value] of Object.entries(after) as [string, unknown][]) {
      if (JSON.stringify(was[key]) === JSON.stringify(value)) continue;
      const here = [...path, key];
      const node = this.#valueOf(object, key);
      if (typeof value === 'object' && value !== null && node !== undefined && ts.isObjectLiteralExpression(node))
        this.change(node, value, was[key] as object, here);
      else if (node === undefined || !isPlain(node)) throw this.#refusal(node ?? object, here.join('.'), value);
      else this.#put(node, literal(value));
    }
  }

  /** The app that examples follow: its own fields where it is still the same, else another in its place. */
  follow(before: App, after: App): void {
    const node = this.#valueOf(this.stack, 'app');
    if (node === undefined || !ts.isObjectLiteralExpression(node))
      throw this.#refusal(node ?? this.stack, 'app', after);
    this.#app(node, before, after, ['app']);
  }

  #app(node: ts.ObjectLiteralExpression, before: App, after: App, path: readonly string[]): void {
    const hasSameFields = (before.program === undefined) === (after.program === undefined);
    if (isSame(before, after) && hasSameFields) this.change(node, after, before, path);
    else this.#put(node, literal(after));
  }

  /** The list of apps, in the order of the new one; each that was there keeps its place's text and comments. */
  list(before: readonly App[], after: readonly App[], followed: App): void {
    const node = this.#valueOf(this.stack, 'apps');
    if (node === undefined || !ts.isArrayLiteralExpression(node) || node.elements.length !== before.length)
      throw this.#refusal(
        node ?? this.stack,
        'apps',
        after.map(({ name }) => name),
      );
    const entries = before.map((app, index) => ({ app, element: node.elements[index] as ts.Expression }));
    const name = entries.map(({ element }) => element).find(ts.isIdentifier)?.text;
    const texts = after.map((app) => {
      if (name !== undefined && isSame(app, followed)) return name;
      const entry = entries.find((one) => isSame(one.app, app));
      if (entry === undefined || !ts.isObjectLiteralExpression(entry.element)) return literal(app);
      return this.#elementText(entry.element, entry.app, app);
    });
    this.#put(node, `[${texts.join(',\n')}]`);
  }

  /** The text of an element of the list, comments before it included, with what changes in it. */
  #elementText(element: ts.ObjectLiteralExpression, before: App, after: App): string {
    const inner = this.#edits.length;
    this.#app(element, before, after, ['apps', after.name]);
    const edits = this.#edits.splice(inner);
    const from = element.getFullStart();
    return edited(this.#text.slice(from, element.getEnd()), edits, from).trim();
  }

  /** What a field holds, along the names of the file. */
  #valueOf(object: ts.ObjectLiteralExpression, key: string): ts.Expression | undefined {
    for (const property of object.properties) {
      if (property.name === undefined || !isNamed(property.name, key)) continue;
      if (ts.isShorthandPropertyAssignment(property)) return this.#declared(key);
      if (!ts.isPropertyAssignment(property)) return undefined;
      const { initializer } = property;
      return ts.isIdentifier(initializer) ? this.#declared(initializer.text) : bare(initializer);
    }
    return undefined;
  }

  #declared(name: string): ts.Expression | undefined {
    const declarations = this.#source.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => declarationList.declarations);
    const found = declarations.find((one) => ts.isIdentifier(one.name) && one.name.text === name)?.initializer;
    return found && bare(found);
  }

  #put(node: ts.Node, text: string): void {
    const edit = { start: node.getStart(this.#source), end: node.getEnd(), text };
    // Two fields may be one value by its name; then they change as one.
    if (!this.#edits.some(({ start }) => start === edit.start)) this.#edits.push(edit);
  }

  #refusal(node: ts.Node, path: string, value: unknown): Refusal {
    const { line } = this.#source.getLineAndCharacterOfPosition(node.getStart(this.#source));
    return new Refusal(
      'input',
      `${path} is not written as a plain value at ${this.#file}:${line + 1}, so it is left to you.`,
      `Make it ${JSON.stringify(value)} there by hand, and run this again for the rest.`,
    );
  }
}

/**
 * A text with its edits, the last first, so that the places of the others stay.
 *
 * @param from Where in the file the text begins.
 */
const edited = (text: string, edits: readonly Edit[], from = 0): string =>
  edits
    .toSorted((one, other) => other.start - one.start)
    .reduce((all, { start, end, text: put }) => all.slice(0, start - from) + put + all.slice(end - from), text);

const isNamed = (name: ts.PropertyName, key: string): boolean =>
  (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) && name.text === key;

const isPlain = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isNumericLiteral(node) ||
  node.kind === ts.SyntaxKind.TrueKeyword ||
  node.kind === ts.SyntaxKind.FalseKeyword;

/** Without what only says of which type it is. */
const bare = (node: ts.Expression): ts.Expression =>
  ts.isSatisfiesExpression(node) || ts.isAsExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node;

/** A value as the formatter takes it; it puts quotes and line breaks in order. */
const literal = (value: unknown): string => JSON.stringify(value);
