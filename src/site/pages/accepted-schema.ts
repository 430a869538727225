/** The JSON Schema of the file of accepted findings, for editors, derived from the schema in code, which is the source. */
import type { APIRoute } from 'astro';
import { z } from 'zod';
import { acceptedSchema } from '../../runbook/accepted.ts';

export const GET: APIRoute = () => Response.json(z.toJSONSchema(acceptedSchema, { target: 'draft-2020-12' }));
