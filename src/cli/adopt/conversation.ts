/** Questions on a terminal: each with the answer that Enter gives, and again where an answer cannot be. */
import { createInterface, type Interface } from 'node:readline/promises';

export interface Conversation {
  /** @param reject What is wrong with an answer, if anything. */
  ask(question: string, standing: string, reject: (answer: string) => string | undefined): Promise<string>;
  agree(question: string): Promise<boolean>;
  close(): void;
}

/** Thrown when nobody answers any more. */
export class Hangup extends Error {
  override readonly name = 'Hangup';
}

export function converse(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Conversation {
  const lines: Interface = createInterface({ input, output });
  const gone = new AbortController();
  lines.once('close', () => gone.abort(new Hangup()));
  lines.once('SIGINT', () => lines.close());
  const say = (text: string): void => void output.write(`${text}\n`);
  const line = async (question: string): Promise<string> => {
    try {
      return (await lines.question(question, { signal: gone.signal })).trim();
    } catch (error) {
      throw gone.signal.aborted ? new Hangup() : error;
    }
  };
  return {
    async ask(question, standing, reject) {
      for (;;) {
        const typed = await line(`${question} [${standing}]: `);
        const answer = typed === '' ? standing : typed;
        const wrong = reject(answer);
        if (wrong === undefined) return answer;
        say(`  ${wrong}`);
      }
    },
    agree: async (question) => /^y(?:es)?$/i.test(await line(`${question} [y/N]: `)),
    close: () => lines.close(),
  };
}
