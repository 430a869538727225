/** The runbooks, their checks and what these read, as JSON. */
import type { APIRoute } from 'astro';
import { runbooks } from '../../../runbooks/index.ts';
import { catalogue } from '../../runbook/catalogue.ts';
import { absolute, catalogueSchemaPath, markdownPath } from '../publish/addresses.ts';

export const GET: APIRoute = () =>
  Response.json(
    catalogue(runbooks, {
      schema: absolute(catalogueSchemaPath),
      of: ({ id, page }) => ({ page: absolute(page), markdown: absolute(markdownPath(`issues/${id}`)) }),
    }),
  );
