/**
 * Markdown plugin: a flag in a line of code stands in one piece. Browsers break lines behind a hyphen, and what is read or copied then, `-` at an
 * end and `-flag` at a start, is another flag.
 */
import type { HastPluginDefinition } from 'satteri';
import { flags } from '../../formats/html.ts';

export const wholeFlags: HastPluginDefinition = {
  name: 'whole-flags',
  element: {
    filter: ['code'],
    visit(node, context) {
      const parent = context.parent(node);
      // A block of code scrolls.
      if (parent.type === 'element' && parent.tagName === 'pre') return;
      const [only, ...others] = node.children;
      if (only?.type !== 'text' || others.length > 0) return;
      const pieces = only.value.split(flags);
      if (pieces.length < 2) return;
      context.replaceNode(
        only,
        pieces
          .map((value, index) => ({ text: { type: 'text' as const, value }, isFlag: index % 2 === 1 }))
          .filter(({ text }) => text.value !== '')
          .map(({ text, isFlag }) =>
            isFlag
              ? { type: 'element' as const, tagName: 'span', properties: { className: ['flag'] }, children: [text] }
              : text,
          ),
      );
    },
  },
};
