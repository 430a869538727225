/**
 * What is done to a rule between reading it and running it: its loops count their turns, calls that bring variables of their own become
 * what they stand for, and what follows an optional value is optional, too.
 */
import { parse } from '@bufbuild/cel';
import { tick } from './budget.ts';
import { expanded } from './macros.ts';
import { selector, withoutMarks } from './optionals.ts';
import { mapChildren, type Expr, type Part } from './tree.ts';

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
    case 'comprehensionExpr':
      return preparedLoop(expr, exprKind.value);
    default:
      return mapChildren(expr, prepared);
  }
}

function preparedSelect(expr: Expr, select: Part<'selectExpr'>): Expr {
  if (select.operand === undefined) return expr;
  const operand = prepared(select.operand);
  select.operand = operand;
  if (!isOptional(operand)) return expr;
  const selected = selection(operand, constant(select.field));
  return select.testOnly ? method(selected, 'hasValue', []) : selected;
}

function preparedCall(expr: Expr, call: Part<'callExpr'>): Expr {
  if (call.function === 'bind' && isNamed(call.target, 'cel') && call.args.length === 3) return bound(call.args);
  const meant = expanded(expr);
  if (meant !== undefined) return prepared(meant);
  mapChildren(expr, prepared);
  const [operand, index] = call.args;
  return call.function === '_[_]' && operand !== undefined && index !== undefined && isOptional(operand)
    ? selection(operand, index)
    : expr;
}

function preparedLoop(expr: Expr, loop: Part<'comprehensionExpr'>): Expr {
  mapChildren(expr, prepared);
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
