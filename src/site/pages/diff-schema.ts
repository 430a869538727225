/** The JSON Schema of a comparison, derived from the schema in code, which is the source. */
import type { APIRoute } from 'astro';
import { z } from 'zod';
import { diffSchema } from '../../runbook/diff.ts';

export const GET: APIRoute = () => Response.json(z.toJSONSchema(diffSchema, { target: 'draft-2020-12' }));
