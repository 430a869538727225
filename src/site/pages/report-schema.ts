/** The JSON Schema of the report, derived from the schema in code, which is the source. */
import type { APIRoute } from 'astro';
import { z } from 'zod';
import { reportSchema } from '../../runbook/report.ts';

export const GET: APIRoute = () => Response.json(z.toJSONSchema(reportSchema, { target: 'draft-2020-12' }));
