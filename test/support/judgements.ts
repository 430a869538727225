/** Judgements of things that nobody declared, for tests of what is made of judgements. */
import type { Evidence, Judgement, Remedy } from '../../src/runbook/check.ts';
import type { Shell } from '../../src/runbook/shell.ts';

interface Sketch {
  message: string;
  evidence: readonly [Evidence, ...Evidence[]];
  remedy?: Remedy;
  commands?: readonly Shell[];
  explainedBy?: readonly string[];
}

const sketched = ({ remedy, ...found }: Sketch) => ({
  finding: 'a/test#found',
  headline: found.message.slice(0, 70),
  quote: null,
  ...found,
  remedies: remedy === undefined ? [] : [remedy],
});

export const fail = (sketch: Sketch): Judgement => ({ outcome: 'failed', ...sketched(sketch) });
export const warn = (sketch: Sketch): Judgement => ({ outcome: 'warned', ...sketched(sketch) });
