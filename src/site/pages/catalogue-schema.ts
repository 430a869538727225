/** The JSON Schema of the catalogue of runbooks, derived from the schema in code, which is the source. */
import type { APIRoute } from 'astro';
import { z } from 'zod';
import { catalogueSchema } from '../../runbook/catalogue.ts';

export const GET: APIRoute = () => Response.json(z.toJSONSchema(catalogueSchema, { target: 'draft-2020-12' }));
