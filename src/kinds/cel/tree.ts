/** A rule as the evaluator reads it, and what is done to each part of one. */
import { parse } from '@bufbuild/cel';

export type Expr = ReturnType<typeof parse>['expr'];

export type Part<C> = Extract<Expr['exprKind'], { case: C }> extends { value: infer V } ? V : never;

/** Puts something in the place of each part right below an expression. */
export function mapChildren(expr: Expr, change: (part: Expr) => Expr): Expr {
  const { exprKind } = expr;
  switch (exprKind.case) {
    case 'selectExpr':
      if (exprKind.value.operand !== undefined) exprKind.value.operand = change(exprKind.value.operand);
      break;
    case 'callExpr':
      exprKind.value.args = exprKind.value.args.map(change);
      if (exprKind.value.target !== undefined) exprKind.value.target = change(exprKind.value.target);
      break;
    case 'listExpr':
      exprKind.value.elements = exprKind.value.elements.map(change);
      break;
    case 'structExpr':
      for (const entry of exprKind.value.entries) {
        if (entry.keyKind.case === 'mapKey') entry.keyKind.value = change(entry.keyKind.value);
        if (entry.value !== undefined) entry.value = change(entry.value);
      }
      break;
    case 'comprehensionExpr':
      for (const part of ['iterRange', 'accuInit', 'loopCondition', 'loopStep', 'result'] as const) {
        const inner = exprKind.value[part];
        if (inner !== undefined) exprKind.value[part] = change(inner);
      }
      break;
  }
  return expr;
}
