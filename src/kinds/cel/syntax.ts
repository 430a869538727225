/**
 * What is done to a rule between reading it and running it: its loops count their turns, `cel.bind` becomes the loop of no turns that
 * it stands for, and what follows an optional value is optional, too.
 */
import { parse } from '@bufbuild/cel';
import { tick } from './budget.ts';
import { selector, withoutMarks } from './optionals.ts';

type Expr = ReturnType<typeof parse>['expr'];

/** Longer ones are nobody's rules; reading them takes long. */
const longest = 16_384;

/** @throws {Error} for what is no CEL. */
export function parseRule(text: string): Expr {
  if (text.length > longest) throw new Error(`it has ${text.length} characters`);
  const expr = parse(withoutMarks(text)).expr;
  return prepared(expr);
}

function prepared(expr: Expr): Expr {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case 'selectExpr':
      return preparedSelect(expr, exprKind.value);
    case 'callExpr':
      return preparedCall(expr, exprKind.value);
    case 'listExpr':
      exprKind.value.elements = exprKind.value.elements.map(prepared);
      return expr;
    case 'structExpr':
      for (const entry of exprKind.value.entries) {
        if (entry.keyKind.case === 'mapKey') entry.keyKind.value = prepared(entry.keyKind.value);
        if (entry.value !== undefined) entry.value = prepared(entry.value);
      }
      return expr;
    case 'comprehensionExpr':
      return preparedLoop(expr, exprKind.value);
    default:
      return expr;
  }
}

type Kind<C> = Extract<Expr['exprKind'], { case: C }> extends { value: infer V } ? V : never;

function preparedSelect(expr: Expr, select: Kind<'selectExpr'>): Expr {
  if (select.operand === undefined) return expr;
  const operand = prepared(select.operand);
  select.operand = operand;
  if (!isOptional(operand)) return expr;
  const selected = selection(operand, constant(select.field));
  return select.testOnly ? method(selected, 'hasValue', []) : selected;
}

function preparedCall(expr: Expr, call: Kind<'callExpr'>): Expr {
  if (call.function === 'bind' && isNamed(call.target, 'cel') && call.args.length === 3) return bound(call.args);
  call.args = call.args.map(prepared);
  if (call.target !== undefined) call.target = prepared(call.target);
  const [operand, index] = call.args;
  return call.function === '_[_]' && operand !== undefined && index !== undefined && isOptional(operand)
    ? selection(operand, index)
    : expr;
}

function preparedLoop(expr: Expr, loop: Kind<'comprehensionExpr'>): Expr {
  for (const part of ['iterRange', 'accuInit', 'loopCondition', 'loopStep', 'result'] as const) {
    const inner = loop[part];
    if (inner !== undefined) loop[part] = prepared(inner);
  }
  const counted = parse(`${tick}() && true`).expr;
  const { exprKind } = counted;
  if (exprKind.case === 'callExpr' && loop.loopCondition !== undefined) exprKind.value.args[1] = loop.loopCondition;
  loop.loopCondition = counted;
  return expr;
}

/** `cel.bind(name, value, result)`: a loop over nothing, whose only variable is the name. */
function bound([name, value, result]: readonly Expr[]): Expr {
  const loop = parse('[].all(nothing, true)').expr;
  if (
    name?.exprKind.case !== 'identExpr' ||
    value === undefined ||
    result === undefined ||
    loop.exprKind.case !== 'comprehensionExpr'
  ) {
    throw new Error('cel.bind() takes a name, a value and a result');
  }
  Object.assign(loop.exprKind.value, {
    accuVar: name.exprKind.value.name,
    accuInit: prepared(value),
    result: prepared(result),
    loopStep: parse('true').expr,
  });
  return loop;
}

const isNamed = (expr: Expr | undefined, name: string): boolean =>
  expr?.exprKind.case === 'identExpr' && expr.exprKind.value.name === name;

const isOptional = ({ exprKind }: Expr): boolean =>
  exprKind.case === 'callExpr' && exprKind.value.function === selector;

const constant = (text: string): Expr => parse(JSON.stringify(text)).expr;
const selection = (operand: Expr, key: Expr): Expr => method(operand, selector, [key]);

function method(target: Expr, name: string, args: Expr[]): Expr {
  const call = parse(`nothing.${name}()`).expr;
  if (call.exprKind.case === 'callExpr') Object.assign(call.exprKind.value, { target, args });
  return call;
}
