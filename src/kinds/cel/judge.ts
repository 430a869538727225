/** What the rules at places of an object say, in the API server's words. */
import type { CelInput } from '@bufbuild/cel';
import type { Evaluating, Place, Ruled } from './place.ts';
import type { KindSchema, Rule } from '../schema.ts';
import { pathOf, type Step, type Violation, type ViolationKind } from '../violation.ts';
import { evaluate, typed, type Outcome, type Variables } from './evaluator.ts';
import { none, some } from './optionals.ts';
import { asRulesSee, inOrderOf, toCel } from './values.ts';

export const judgePlaces: Evaluating = (places, root) => {
  const found = places.map((place) => judgePlace(place, root));
  return {
    violations: found.flatMap(({ violations }) => violations),
    unjudged: [...new Set(found.flatMap(({ unjudged }) => unjudged))],
  };
};

function judgePlace(place: Place, root: KindSchema): Ruled {
  const context = { ...typed, root };
  const { steps, value } = place;
  const schema = steps.length === 0 ? asRulesSee(place.schema) : place.schema;
  const self = toCel(value, schema, context);
  const old = place.isNew ? undefined : toCel(inOrderOf(place.old, value, schema), schema, context);
  const violations: Violation[] = [];
  const unjudged: string[] = [];
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const variables = self === undefined ? undefined : variablesOf(rule, self, old);
    if (variables === undefined) continue;
    const outcome = evaluate(rule.rule, variables);
    const problem = problemOf(outcome, rule, variables);
    if (outcome.is === 'unjudged') unjudged.push(`${pathOf(steps)}: ${outcome.why}: ${named(rule)}`);
    else if (problem !== undefined) violations.push(violationOf(rule, problem, steps, value));
  }
  return { violations, unjudged };
}

/** Undefined for a rule about a change, where nothing changes. */
function variablesOf(
  { rule, optionalOldSelf }: Rule,
  self: CelInput,
  old: CelInput | undefined,
): Variables | undefined {
  if (!/\boldSelf\b/.test(rule)) return { self };
  if (optionalOldSelf === true) return { self, oldSelf: old === undefined ? none() : some(old) };
  return old === undefined ? undefined : { self, oldSelf: old };
}

/** A rule as it is named in messages. */
const named = ({ message = '', rule }: Rule): string => message.trim() || rule.trim();

function problemOf(outcome: Outcome, rule: Rule, variables: Variables): string | undefined {
  switch (outcome.is) {
    case 'unjudged':
      return undefined;
    case 'error':
      return `${outcome.message} evaluating rule: ${named(rule)}`;
    case 'value':
      return outcome.value === true ? undefined : messageOf(rule, variables);
  }
}

function messageOf(rule: Rule, variables: Variables): string {
  const { message = '', messageExpression } = rule;
  const said = messageExpression === undefined ? undefined : evaluate(messageExpression, variables);
  const text = said?.is === 'value' && typeof said.value === 'string' ? said.value.trim() : '';
  if (text !== '' && !text.includes('\n')) return text;
  return message.trim() || `failed rule: ${rule.rule.trim()}`;
}

/** How each reason begins its message, and what kind of violation it is [apimachinery 0.36, util/validation/field]. */
const reasons: Readonly<Record<NonNullable<Rule['reason']>, readonly [kind: ViolationKind, text: string]>> = {
  FieldValueInvalid: ['invalid', 'Invalid value'],
  FieldValueForbidden: ['invalid', 'Forbidden'],
  FieldValueRequired: ['missing', 'Required value'],
  FieldValueDuplicate: ['invalid', 'Duplicate value'],
};

function violationOf(rule: Rule, problem: string, steps: readonly Step[], observed: unknown): Violation {
  const { reason = 'FieldValueInvalid', fieldPath = '' } = rule;
  const [kind, text] = reasons[reason];
  const path = `${pathOf([...steps])}${fieldPath}`.replace(/^\./, '') || '<nil>';
  return { path, kind, message: `${path}: ${text}: ${problem}`, observed, reason };
}
