/** Markdown plugin: stack tokens in everything a reader sees, copies or follows. */
import type { MdastPluginEntry, MdastVisitorContext } from 'satteri';
import { place, recordFailure } from './failures.ts';
import { replaceTokens, UnknownToken } from './tokens.ts';

interface Positioned {
  position?: { start: { line: number } } | undefined;
}

/** The text with its tokens replaced; unchanged, and the failure on record, when one of them is unknown. */
function replaced(text: string, node: Positioned, context: MdastVisitorContext): string {
  try {
    return replaceTokens(text);
  } catch (error) {
    if (!(error instanceof UnknownToken)) throw error;
    recordFailure({ where: place(context, node.position?.start.line ?? 1), message: error.message });
    return text;
  }
}

function replaceValue(
  node: Positioned & { value: string },
  context: MdastVisitorContext,
  set: (value: string) => void,
): void {
  const value = replaced(node.value, node, context);
  if (value !== node.value) set(value);
}

/** Links may arrive percent-encoded, depending on how they were written. */
const decodeBraces = (url: string): string =>
  url.replaceAll('%7B%7B', '{{').replaceAll('%7D%7D', '}}').replaceAll('%7C', '|');

export const stackTokens: MdastPluginEntry = ({ source }) =>
  source.includes('{{') && {
    name: 'stack-tokens',
    options: { position: true },
    text: (node, context) => {
      replaceValue(node, context, (value) => context.setProperty(node, 'value', value));
      // Outside code nothing but a token opens with two braces: one that a table cell's bar cut in two, or one with spaces.
      if (/\{\{(?![a-z][\w.|]*\}\})/i.test(node.value)) {
        recordFailure({
          where: place(context, node.position?.start.line ?? 1),
          message: `"${node.value}" holds an unfinished token; write {{a.b}} without spaces, and the bar of a filter as \\| inside a table.`,
        });
      }
    },
    inlineCode: (node, context) => replaceValue(node, context, (value) => context.setProperty(node, 'value', value)),
    code: (node, context) => {
      replaceValue(node, context, (value) => context.setProperty(node, 'value', value));
      // A title in the fence's info string: ```yaml title="{{gateway.name}}.yaml"
      if (node.meta) {
        const meta = replaced(node.meta, node, context);
        if (meta !== node.meta) context.setProperty(node, 'meta', meta);
      }
    },
    html: (node, context) => replaceValue(node, context, (value) => context.setProperty(node, 'value', value)),
    link: (node, context) => {
      const url = replaced(decodeBraces(node.url), node, context);
      if (url !== decodeBraces(node.url)) context.setProperty(node, 'url', url);
    },
    definition: (node, context) => {
      const url = replaced(decodeBraces(node.url), node, context);
      if (url !== decodeBraces(node.url)) context.setProperty(node, 'url', url);
    },
  };
