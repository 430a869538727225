/** Tells a page's date of last change, which Starlight's own look-up does not find outside `src/content/docs`. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';
import { lastChange } from '../history.ts';

export const onRequest = defineRouteMiddleware(({ locals }) => {
  const { entry } = locals.starlightRoute;
  locals.starlightRoute.lastUpdated ??= lastChange(entry.filePath)?.date;
});
