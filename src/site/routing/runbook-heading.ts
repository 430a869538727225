/** Puts the runbook panel, which is not Markdown, into the table of contents of its page. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';

export const runbookHeading = { slug: 'runbook', text: 'Runbook' } as const;

export const onRequest = defineRouteMiddleware(({ locals }) => {
  const { entry, toc } = locals.starlightRoute;
  if (!entry.data.runbook || !toc) return;
  // After the overview, which is the page's title; the panel comes before the text.
  toc.items.splice(1, 0, { ...runbookHeading, depth: 2, children: [] });
});
