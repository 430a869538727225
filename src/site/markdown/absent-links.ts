/** Markdown plugin: a link to what the stack lacks fails the build; its place is between the tags of that part. */
import type { MdastPluginEntry } from 'satteri';
import { leadsNowhere } from '../absent-pages.ts';
import { place, recordFailure } from './failures.ts';

export const absentLinks: MdastPluginEntry = () => {
  type Linked = { url: string; position?: { start: { line: number } } | undefined };
  const judge = ({ url, position }: Linked, context: Parameters<typeof place>[0]): void => {
    const reason = leadsNowhere(url);
    if (reason === undefined) return;
    recordFailure({
      where: place(context, position?.start.line ?? 1),
      message: `[${url}] leads nowhere: ${reason}. Put the link between the tags of its part, such as {{#vault}} and {{/vault}}.`,
    });
  };
  return {
    name: 'absent-links',
    options: { position: true },
    link: (node, context) => judge(node, context),
    definition: (node, context) => judge(node, context),
  };
};
