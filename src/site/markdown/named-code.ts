/**
 * Expressive Code plugin: a code block says what it is. Its script makes a block that is too wide into a region that the keyboard
 * reaches, but without a name, and a page full of nameless regions helps nobody find their way.
 */
import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';

type Node = { type: string; tagName?: string; properties?: Record<string, unknown>; children?: Node[] };

function find(node: Node, tagName: string): Node | undefined {
  if (node.tagName === tagName) return node;
  for (const child of node.children ?? []) {
    const found = find(child, tagName);
    if (found) return found;
  }
  return undefined;
}

export const namedCode: ExpressiveCodePlugin = {
  name: 'named-code',
  hooks: {
    postprocessRenderedBlock: ({ codeBlock, renderData }) => {
      const pre = find(renderData.blockAst, 'pre');
      const firstLine = codeBlock.code.split('\n').find((line) => line.trim() !== '') ?? '';
      if (pre) pre.properties = { ...pre.properties, ariaLabel: `Code: ${firstLine.trim().slice(0, 60)}` };
    },
  },
};
