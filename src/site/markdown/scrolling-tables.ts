/**
 * Markdown plugin: a table that is wider than the page scrolls inside a frame that the keyboard reaches. Starlight makes the table itself
 * scroll, which takes its meaning as a table from it and cannot be scrolled without a pointer.
 */
import type { HastPluginDefinition } from 'satteri';

export const scrollingTables: HastPluginDefinition = {
  name: 'scrolling-tables',
  element: {
    filter: ['table'],
    visit(node, context) {
      const [head] = node.children;
      const columns = head
        ? context
            .textContent(head)
            .trim()
            .replace(/\s*\n\s*/g, ', ')
        : '';
      context.wrapNode(node, {
        type: 'element',
        tagName: 'div',
        properties: { className: ['table-frame'], tabIndex: 0, role: 'group', ariaLabel: `Table: ${columns}` },
        children: [],
      });
    },
  },
};
