/** What a reader says to narrow runbooks down: held against what the runbooks declare before anything is read. */
import type { Inputs } from './read.ts';
import type { Runbook, RunbookInput } from './runbook.ts';

/** No input is longer than the longest name that DNS can hold. */
const maxLength = 253;

/** The inputs that runbooks declare, each name once. */
export const declaredInputs = (runbooks: readonly Runbook[]): readonly RunbookInput[] => [
  ...new Map(runbooks.flatMap(({ inputs = [] }) => inputs).map((input) => [input.name, input])).values(),
];

export type Checked =
  | { ok: true; inputs: Inputs }
  | { ok: false; message: string; hint: string; /** What the input takes, where one is at fault. */ why?: string };

/** Every declared input, empty when it was not given; or which of those given cannot be used, and why. */
export function checkInputs(runbooks: readonly Runbook[], given: Inputs): Checked {
  const declared = declaredInputs(runbooks);
  const hint =
    declared.length === 0
      ? 'What was chosen takes no input.'
      : `The inputs are: ${declared.map(({ name, title, example }) => `${name} (${title}), such as ${name}=${example}`).join('; ')}.`;
  const inputs: Record<string, string> = Object.fromEntries(declared.map(({ name }) => [name, '']));
  for (const [name, text] of Object.entries(given)) {
    if (!Object.hasOwn(inputs, name)) return { ok: false, message: `There is no input ${name}.`, hint };
    // Who declares an input of that name declares the same one.
    const one = declared.find((input) => input.name === name);
    const value = one?.read?.(text.trim()) ?? text.trim();
    const isRight = runbooks
      .flatMap((runbook) => runbook.inputs ?? [])
      .every((input) => input.name !== name || value === '' || (value.length <= maxLength && matches(input, value)));
    if (!isRight) {
      const why = one === undefined ? '' : `It takes ${one.takes}, such as ${one.example}.`;
      return {
        ok: false,
        message: `The ${one?.title.toLowerCase() ?? name} cannot be “${shortened(value)}”.`,
        hint: `${why} ${hint}`,
        why,
      };
    }
    inputs[name] = value;
  }
  return { ok: true, inputs };
}

const matches = ({ pattern }: RunbookInput, value: string): boolean =>
  new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(value);

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
