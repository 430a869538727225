/**
 * Two plugins, for Markdown and for blocks of code: a flag in a line of code stands in one piece. Browsers break lines behind a hyphen, and what is read or copied then, `-` at an
 * end and `-flag` at a start, is another flag.
 */
import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { HastPluginDefinition } from 'satteri';
import { flags } from '../../formats/html.ts';

export const wholeFlags: HastPluginDefinition = {
  name: 'whole-flags',
  element: {
    filter: ['code'],
    visit(node, context) {
      const parent = context.parent(node);
      // Blocks are the other plugin's.
      if (parent.type === 'element' && parent.tagName === 'pre') return;
      const [only, ...others] = node.children;
      if (only?.type !== 'text' || others.length > 0) return;
      const pieces = inPieces(only.value);
      if (pieces.some(({ type }) => type === 'element')) context.replaceNode(only, pieces);
    },
  },
};

/** A text, with an element around each flag. */
const inPieces = (text: string) =>
  text
    .split(flags)
    .map((value, index) => ({ text: { type: 'text' as const, value }, isFlag: index % 2 === 1 }))
    .filter(({ text: { value } }) => value !== '')
    .map((piece) =>
      piece.isFlag
        ? { type: 'element' as const, tagName: 'span', properties: { className: ['flag'] }, children: [piece.text] }
        : piece.text,
    );

type Line = Parameters<
  NonNullable<NonNullable<ExpressiveCodePlugin['hooks']>['postprocessRenderedLine']>
>[0]['renderData']['lineAst'];

export const wholeFlagsInBlocks: ExpressiveCodePlugin = {
  name: 'whole-flags',
  hooks: {
    postprocessRenderedLine: ({ renderData }) => wrapFlags(renderData.lineAst),
  },
};

function wrapFlags(element: Line): void {
  element.children = element.children.flatMap((child): Line['children'] => {
    if (child.type === 'element') wrapFlags(child);
    return child.type === 'text' ? inPieces(child.value) : [child];
  });
}
