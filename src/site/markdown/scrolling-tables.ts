/**
 * Markdown plugin: a table that is wider than the page scrolls inside a frame that the keyboard reaches. Starlight makes the table itself
 * scroll, which takes its meaning as a table from it and cannot be scrolled without a pointer. On a phone its rows stand one below the other
 * (styles/tables.css): there each cell needs to say of which column it is, and a table laid out like that is one to a screen reader by its
 * roles alone.
 */
import type { HastNode, HastPluginDefinition } from 'satteri';

export const scrollingTables: HastPluginDefinition = {
  name: 'scrolling-tables',
  element: {
    filter: ['table'],
    visit(node, context) {
      const [head, body] = elementsOf(node);
      const titles = elementsOf(head)
        .flatMap(elementsOf)
        .map((cell) => context.textContent(cell).trim());
      context.setProperty(node, 'role', 'table');
      for (const group of [head, body]) {
        for (const row of elementsOf(group)) {
          context.setProperty(row, 'role', 'row');
          for (const [column, cell] of elementsOf(row).entries()) {
            context.setProperty(cell, 'role', group === head ? 'columnheader' : 'cell');
            // Of two columns the second says what the first means.
            if (group === body && column > 0 && titles.length > 2)
              context.setProperty(cell, 'dataLabel', titles[column] ?? '');
          }
        }
      }
      context.wrapNode(node, {
        type: 'element',
        tagName: 'div',
        properties: {
          className: ['table-frame'],
          tabIndex: 0,
          role: 'group',
          ariaLabel: `Table: ${titles.join(', ')}`,
        },
        children: [],
      });
    },
  },
};

type Element = Extract<HastNode, { type: 'element' }>;

const elementsOf = (node: Readonly<HastNode> | undefined): readonly Readonly<Element>[] =>
  node !== undefined && 'children' in node
    ? node.children.flatMap((child) => (child.type === 'element' ? [child] : []))
    : [];
