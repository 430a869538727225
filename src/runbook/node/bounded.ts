/**
 * Work that may not come to an end: a judge that goes astray in a pattern or in a hundred thousand objects would hold the whole process
 * up, with its pages, its deadline and its Ctrl+C. Node's own watchdog, which is another thread, ends it.
 */
import { Script } from 'node:vm';
import { GivenUp } from '../stop.ts';

const slot = Symbol.for('handbook.boundedWork');
const script = new Script(`globalThis[Symbol.for('${Symbol.keyFor(slot) ?? ''}')]()`);

/**
 * @param seconds How long one piece of work may take.
 * @param onInterrupt Called when Ctrl+C ended the work: whoever listens for it elsewhere does not hear it.
 */
export const createBounded =
  (seconds: number, onInterrupt?: () => void) =>
  <T>(work: () => T): T => {
    Reflect.set(globalThis, slot, work);
    try {
      const options = { timeout: seconds * 1000, breakOnSigint: onInterrupt !== undefined, displayErrors: false };
      return script.runInThisContext(options) as T;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new GivenUp(`it took longer than ${seconds} s`);
      if (code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
      onInterrupt?.();
      throw new GivenUp('the run was stopped');
    } finally {
      Reflect.deleteProperty(globalThis, slot);
    }
  };
