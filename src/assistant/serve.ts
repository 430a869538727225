/** Serves an assistant on standard input and output until it hangs up or the program is to end. */
import { Console } from 'node:console';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { legible } from '../runbook/legible.ts';
import { shorten } from '../runbook/words.ts';
import { createServer } from './server.ts';
import { limits } from './limits.ts';
import type { Session } from './session.ts';

/** How long a run may take to tell what it knows when the program is to end, in milliseconds. */
const endingMs = 3000;

/** Says when the assistant has hung up, or what it sent was too long to be read. */
class Wire extends StdioServerTransport {
  readonly #hungUp = Promise.withResolvers<undefined>();
  readonly hungUp = this.#hungUp.promise;
  override async close(): Promise<void> {
    await super.close();
    this.#hungUp.resolve(undefined);
  }
}

export async function serve(session: Session): Promise<void> {
  // What some package may print is for people: on standard output it would end the conversation.
  globalThis.console = new Console(process.stderr, process.stderr);
  const wire = new Wire();
  let logged = 0;
  const onerror = (error: Error): void => {
    logged += 1;
    // What the library says of a message that is none is a page long, and about its own schema.
    const why = error.name === 'ZodError' ? 'it is no message of the protocol' : shorten(error.message, 300);
    if (logged <= limits.loggedErrors) session.log(legible(`A message could not be used: ${why}.`));
    if (logged === limits.loggedErrors) session.log('Further ones are not told.');
  };
  const handle = serveStdio(() => createServer(session), { transport: wire, onerror });
  await Promise.race([wire.hungUp, stopped(session)]);
  await handle.close();
}

/** When a signal has come, and what was under way has told what it knows. */
async function stopped({ signal, turns }: Session): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  const patience = new Promise((resolve) => setTimeout(resolve, endingMs).unref());
  await Promise.race([turns.idle(), patience]);
  // The answer is written after the turn has ended.
  await new Promise((resolve) => setTimeout(resolve, 50));
}
