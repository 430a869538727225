/** The commands of a page, as a reader would type them: from its source, with the stack's names put in. Pure. */
import { resolved } from '../../src/site/publish/markdown.ts';

/** What a page has its reader do, in the order of the page. */
export type Step =
  | { does: 'run'; command: string }
  /** A file that the page says to write; its first line names it, as a comment. */
  | { does: 'write'; file: string; content: string }
  /** What the command before it prints. */
  | { does: 'show'; output: string };

interface Fence {
  language: string;
  content: string;
  /** Whether nothing but blank lines stands between it and the fence before. */
  follows: boolean;
}

/** Languages that nobody types: what they show is looked at elsewhere. */
const shownOnly: ReadonlySet<string> = new Set(['', 'text', 'mermaid', 'yaml', 'json', 'ts', 'toml']);

/**
 * The steps of a page.
 *
 * @param source The page's Markdown.
 * @throws when a fence is in a language that this does not know.
 */
export const stepsOf = (source: string): readonly Step[] => fencesOf(resolved(source)).flatMap(stepsOfFence);

function stepsOfFence({ language, content, follows }: Fence): readonly Step[] {
  if (language === 'bash') return commandsOf(content).map((command) => ({ does: 'run', command }));
  if (!shownOnly.has(language)) throw new Error(`Nobody knows what a reader does with a block in ${language}.`);
  const file = language === 'yaml' ? /^# (\S+\.yaml)\n/.exec(content)?.[1] : undefined;
  if (file !== undefined) return [{ does: 'write', file, content: `${content}\n` }];
  return language === 'text' && follows ? [{ does: 'show', output: content }] : [];
}

function fencesOf(markdown: string): readonly Fence[] {
  const fences: Fence[] = [];
  const fence = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```$/gm;
  let end = -1;
  for (const { 0: whole, 1: indent = '', 2: language = '', 3: content = '', index } of markdown.matchAll(fence)) {
    fences.push({
      language,
      content: content.replace(new RegExp(`^${indent}`, 'gm'), '').trimEnd(),
      follows: end >= 0 && markdown.slice(end, index).trim() === '',
    });
    end = index + whole.length;
  }
  return fences;
}

/** A command ends with its line, unless the line ends with a backslash or within quotes. */
function commandsOf(script: string): readonly string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of script.split('\n')) {
    open += open === '' ? line : `\n${line}`;
    if (open.endsWith('\\') || isQuoting(open)) continue;
    if (open.trim() !== '' && !open.startsWith('#')) commands.push(open);
    open = '';
  }
  if (open !== '') throw new Error(`This command does not end: ${open}`);
  return commands;
}

/** Whether a text ends within quotes of a shell. */
function isQuoting(text: string): boolean {
  let quote = '';
  for (const character of text.replace(/\\./g, '')) {
    if (quote === '') quote = character === '"' || character === "'" ? character : '';
    else if (character === quote) quote = '';
  }
  return quote !== '';
}
