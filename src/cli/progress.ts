/** A line that counts the checks of a run while it runs, on a terminal only, erased when it ends. */
import type { Verdict } from '../runbook/report.ts';

export function progress(
  stream: { isTTY?: boolean; write: (text: string) => unknown },
  total: number,
): { step: (verdict: Verdict) => void; end: () => void } {
  let done = 0;
  if (stream.isTTY !== true) return { step: () => undefined, end: () => undefined };
  const erase = '\r\u001b[K';
  stream.write(`${erase}0 of ${total} checks`);
  return {
    step: ({ title }) => {
      done += 1;
      stream.write(`${erase}${done} of ${total} checks  ${title}`.slice(0, 82));
    },
    end: () => void stream.write(erase),
  };
}
