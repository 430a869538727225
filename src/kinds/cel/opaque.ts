/** Values of Kubernetes' own types (addresses, quantities, URLs) as the evaluator can carry them: maps that say their type. */
import { isCelMap, type CelInput, type CelValue } from '@bufbuild/cel';

/** What goes wrong in a rule for a reason that its author wrote, such as `ip('none')`: an API server refuses the object by it. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const [type, text] = ['@type', '@text'];

export const opaque = (is: string, value: string): CelInput =>
  new Map([
    [type, is],
    [text, value],
  ]);

/** The text behind a value of a type; undefined for any other value. */
export function textOf(value: CelValue, is: string): string | undefined {
  if (!isCelMap(value) || value.get(type) !== is) return undefined;
  const found = value.get(text);
  return typeof found === 'string' ? found : undefined;
}

/** @throws {RuleError} for a value of another type. */
export function expectText(value: CelValue, is: string): string {
  const found = textOf(value, is);
  if (found === undefined) throw new RuleError('no such overload');
  return found;
}
