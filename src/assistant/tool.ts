/** What every tool has in common: it only reads, answers within bounds, and tells what went wrong in words. */
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { Refusal } from '../formats/refusal.ts';
import { legible } from '../runbook/legible.ts';
import { GivenUp } from '../runbook/stop.ts';
import { whyStopped } from '../runbook/stopped.ts';
import { shorten } from '../runbook/words.ts';
import { withoutPaths } from './discreet.ts';
import { limits } from './limits.ts';
import type { Session } from './session.ts';

export interface Answer<O> {
  /** Ours, and what of a cluster is quoted. */
  text: string;
  structured: O;
}

/** What a tool knows of the call. */
export interface Call {
  session: Session;
  /** Aborted when the assistant takes the call back, and when the program is to end. */
  signal: AbortSignal;
  /** Tells how far it is, to whoever wants to hear it; what comes too soon after the last is left out. */
  progress: (done: number, total: number, what: string) => void;
}

export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  description: string;
  input: I;
  output: O;
  /** Whether it asks a cluster, or reads files. */
  openWorld: boolean;
  answer: (given: z.infer<I>, call: Call) => Promise<Answer<z.infer<O>>> | Answer<z.infer<O>>;
}

/** Gives a tool its types. */
export const tool = <I extends z.ZodObject, O extends z.ZodObject>(declared: Tool<I, O>): Tool<I, O> => declared;

export function register<I extends z.ZodObject, O extends z.ZodObject>(
  server: McpServer,
  session: Session,
  { name, title, description, input, output, openWorld, answer }: Tool<I, O>,
): void {
  const annotations = {
    title,
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: openWorld,
  };
  const answered = async (given: z.infer<I>, context: ServerContext): Promise<CallToolResult> => {
    const call = callOf(session, context);
    try {
      const { text, structured } = await answer(given, call);
      return { content: [{ type: 'text', text: bounded(text) }], structuredContent: structured };
    } catch (error) {
      return { content: [{ type: 'text', text: trouble(error, name, call) }], isError: true };
    }
  };
  // The library infers the arguments of a callback from a schema that it knows; here any object's.
  const config = { title, description, inputSchema: briefly(input), outputSchema: output as z.ZodObject };
  server.registerTool(name, { ...config, annotations }, (given, context) => answered(given as z.infer<I>, context));
}

/** The same schema, whose refusals are short: what was sent stands in them, and may be anything. */
const briefly = (schema: z.ZodObject): Pick<z.ZodObject, '~standard'> => ({
  '~standard': {
    ...schema['~standard'],
    validate: (given) => {
      const { success, data, error } = schema.safeParse(given);
      if (success) return { value: data };
      return {
        issues: error.issues.slice(0, 5).map(({ message, path }) => ({
          message: shorten(legible(message), 300),
          path: path.map((step) => shorten(legible(String(step)), 100)),
        })),
      };
    },
  },
});

function callOf(session: Session, { mcpReq }: ServerContext): Call {
  const taken = new AbortController();
  const takeBack = (): void => taken.abort(new Error('the assistant took the call back'));
  if (mcpReq.signal.aborted) takeBack();
  else mcpReq.signal.addEventListener('abort', takeBack, { once: true });
  return {
    session,
    signal: AbortSignal.any([session.signal, taken.signal]),
    progress: progressOf(mcpReq, session),
  };
}

function progressOf({ _meta, notify, signal }: ServerContext['mcpReq'], session: Session): Call['progress'] {
  const token = _meta?.progressToken;
  if (token === undefined) return () => undefined;
  let last = 0;
  return (done, total, what) => {
    const now = performance.now();
    if (signal.aborted || (done < total && now - last < limits.progressMs)) return;
    last = now;
    notify({
      method: 'notifications/progress',
      params: { progressToken: token, progress: done, total, message: what },
    }).catch(session.logBug);
  };
}

/** What went wrong, for the assistant: what somebody can do, and never where it happened in our code. */
function trouble(error: unknown, name: string, { session, signal }: Call): string {
  const { renamed, log, logBug, bugsTo } = session;
  if (error instanceof Refusal) {
    const text = `${error.message} ${error.hint}`;
    // What a person has to mend they are told with its place.
    if (error.of === 'input') log(`${name}: ${text}`);
    return withoutPaths(renamed(text));
  }
  if (error instanceof GivenUp) return `It was given up: ${error.message}.`;
  if (signal.aborted) return `It was given up: ${whyStopped(signal)}.`;
  logBug(error);
  return `${name} met a bug in the handbook, which is no fault of the cluster. What went wrong is in the program's log; it can be reported at ${bugsTo}.`;
}

const bounded = (text: string): string =>
  text.length <= 2 * limits.text
    ? text
    : `${text.slice(0, 2 * limits.text).toWellFormed()}\n(Cut here, for it is too long.)`;
