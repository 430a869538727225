/**
 * Runs rules in CEL as an API server does: in @bufbuild/cel, which follows the language's own conformance tests and reads all rules of
 * the stack's definitions, with Kubernetes' functions, Go's regular expressions and a limit of what a rule may cost.
 *
 * The functions are those that an API server of 1.36 has for definitions [k8s.io/apiserver 0.36, pkg/cel/environment/base.go]. Not here, so
 * that a rule which asks for it is not judged:
 *
 * | what                                                     | why                                                        |
 * | -------------------------------------------------------- | ---------------------------------------------------------- |
 * | `authorizer`, `fieldSelector`, `labelSelector`, `check`  | of admission policies: no rule of a definition has them    |
 * | `jsonpatch.escapeKey`, `Object{…}`                       | of mutating admission policies                             |
 * | `mul`, `div`, `divInt` of quantities                     | in no release yet                                          |
 * | types: every value is dynamic                            | rules that are wrong in their types fail when a definition is made, not here |
 * | the API server's own count of what a rule costs          | turns of loops are counted instead (`budget.ts`)           |
 */
import {
  celEnv,
  CelScalar,
  celFunc,
  isCelError,
  plan,
  run,
  type CelError,
  type CelFunc,
  type CelInput,
  type CelValue,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { patternOf } from '../patterns.ts';
import { createBudget, TooCostly, turns } from './budget.ts';
import { comparisons } from './comparisons.ts';
import { formatFunctions } from './formats.ts';
import { listFunctions } from './lists.ts';
import { macroFunctions } from './macros.ts';
import { networkFunctions, networkText } from './network.ts';
import { RuleError } from './opaque.ts';
import { optionalFunctions } from './optionals.ts';
import { quantityFunctions } from './quantities.ts';
import { semverFunctions } from './semver.ts';
import { parseRule } from './syntax.ts';
import { urlFunctions } from './urls.ts';
import type { Typed } from './values.ts';

export type Outcome =
  | { is: 'value'; value: CelValue }
  /** The API server refuses the object by it: a key that is not there, a division by zero. */
  | { is: 'error'; message: string }
  /** Nothing can be said, and why. */
  | { is: 'unjudged'; why: string };

export interface Variables {
  self: CelInput;
  oldSelf?: CelInput;
}

type Program = (variables: Variables) => Outcome;

const { DYN, STRING } = CelScalar;
const budget = createBudget();
const environment = celEnv({
  variables: { self: DYN, oldSelf: DYN },
  funcs: [
    ...strings,
    ...optionalFunctions,
    ...networkFunctions,
    ...urlFunctions,
    ...quantityFunctions,
    ...semverFunctions,
    ...comparisons,
    ...listFunctions,
    ...formatFunctions,
    ...macroFunctions,
    ...budget.functions,
    celFunc('string', [DYN], STRING, (value) => networkText(value) ?? fail('no such overload')),
  ] as CelFunc[],
  re2: {
    // Go refuses it, or it is too large to be tried here: the one is an error of the rule, the other of nobody.
    compile: (source) => patternOf(source) ?? untried(source),
  },
});

function untried(source: string): never {
  throw new Error(`the pattern ${source} cannot be tried`);
}

function fail(message: string): never {
  throw new RuleError(message);
}

const programs = new Map<string, Program>();

/** What a rule says of values; compiled once a text. */
export function evaluate(rule: string, variables: Variables): Outcome {
  const program = programs.get(rule) ?? compiled(rule);
  if (programs.size > 5000) programs.clear();
  programs.set(rule, program);
  return program(variables);
}

function compiled(rule: string): Program {
  let planned: (variables: { self: CelInput; oldSelf: CelInput }) => CelValue | CelError;
  try {
    planned = plan(environment, parseRule(rule));
  } catch (error) {
    const why = `the rule cannot be read here: ${(error as Error).message}`;
    return () => ({ is: 'unjudged', why });
  }
  return ({ self, oldSelf = null }) => {
    budget.refill();
    const result = planned({ self, oldSelf });
    if (budget.isSpent()) return { is: 'unjudged', why: `the rule takes more than ${turns} turns` };
    return isCelError(result) ? outcomeOf(result) : { is: 'value', value: result };
  };
}

/** The evaluator's words, and the API server's for the same [cel-go, common/types/err.go]; others are gaps of the evaluator or of ours. */
const known: readonly (readonly [said: RegExp, inItsWords: string])[] = [
  [/^field not found: (.*)$/, 'no such key: $1'],
  [/^index (-?\d+) out of bounds.*$/, 'index out of bounds: $1'],
  [/^index out of bounds: (-?\d+).*$/, 'index out of bounds: $1'],
  [/^u?int divide by zero$/, 'division by zero'],
  [/^u?int modulus by zero$/, 'modulus by zero'],
  [/^u?int overflow during .*$/, 'integer overflow'],
];

function outcomeOf(error: CelError): Outcome {
  const { message, cause } = error;
  if (cause instanceof TooCostly) return { is: 'unjudged', why: message };
  if (cause instanceof RuleError && message !== 'no such overload') return { is: 'error', message };
  const found = known.find(([said]) => said.test(message));
  return found === undefined
    ? { is: 'unjudged', why: `the rule cannot be run here: ${message}` }
    : { is: 'error', message: message.replace(found[0], found[1]) };
}

/** A value of one of CEL's own types, made from its text; text that is none stays text. */
function made(call: 'timestamp' | 'duration', text: string): CelInput {
  const result = run(`${call}(self)`, { self: text });
  return isCelError(result) ? text : result;
}

export const typed: Typed = {
  timestamp: (text) => made('timestamp', text),
  duration: (text) => made('duration', text),
};
