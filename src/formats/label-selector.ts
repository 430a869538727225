/** Label selectors: as objects hold them, and as `kubectl -l` and flags write them. [Kubernetes 1.36] */

/** As an object holds them: what is no text is no label. */
export type Labels = Readonly<Record<string, unknown>>;

export interface Requirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /** For In and NotIn any number, for Gt and Lt one whole number, for the others none. */
  values: readonly string[];
}

function valueOf(labels: Labels, key: string): string | undefined {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Whether labels hold each of some others; none at all are always held. */
export const hasLabels = (labels: Labels | null | undefined, wanted: Labels | null | undefined): boolean =>
  Object.entries(wanted ?? {}).every(([key, value]) => valueOf(labels ?? {}, key) === value);

/** Whether the selector of a Service takes a pod: without one it takes none, for its endpoints are written by hand. */
export const serviceSelects = (selector: Labels | null | undefined, labels: Labels | null | undefined): boolean =>
  Object.keys(selector ?? {}).length > 0 && hasLabels(labels, selector);

/**
 * Whether a LabelSelector (`matchLabels`, `matchExpressions`) takes an object with these labels. One that is missing or that no API
 * server would accept takes nothing; one that is empty takes everything.
 *
 * @param selector as an object holds it: what is of another shape is none
 */
export function selects(selector: unknown, labels: Labels | null | undefined): boolean {
  return requirementsOf(selector)?.every((requirement) => meets(requirement, labels ?? {})) ?? false;
}

/** A LabelSelector's requirements, those of its labels first; undefined where it is none. */
export function requirementsOf(selector: unknown): readonly Requirement[] | undefined {
  if (!isFields(selector)) return undefined;
  const { matchLabels, matchExpressions } = selector;
  if (!isFields(matchLabels ?? {}) || !Array.isArray(matchExpressions ?? [])) return undefined;
  const equal = Object.entries((matchLabels ?? {}) as Fields).map(([key, value]) =>
    typeof value === 'string' ? { key, operator: 'In' as const, values: [value] } : undefined,
  );
  const all = [...equal, ...((matchExpressions ?? []) as readonly unknown[]).map(expressionOf)];
  const known = all.filter((requirement) => requirement !== undefined);
  return known.length === all.length ? known : undefined;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An expression with as many values as its operator takes [metav1.LabelSelectorAsSelector]. */
function expressionOf(expression: unknown): Requirement | undefined {
  if (!isFields(expression)) return undefined;
  const { key, operator } = expression;
  const values: unknown = expression['values'] ?? [];
  if (typeof key !== 'string' || !Array.isArray(values) || values.some((value) => typeof value !== 'string')) {
    return undefined;
  }
  const wanted = values as readonly string[];
  switch (operator) {
    case 'In':
    case 'NotIn':
      return wanted.length > 0 ? { key, operator, values: wanted } : undefined;
    case 'Exists':
    case 'DoesNotExist':
      return wanted.length === 0 ? { key, operator, values: [] } : undefined;
    default:
      return undefined;
  }
}

const isInteger = (text: string): boolean => /^-?\d+$/.test(text);

/** Whether labels meet a requirement; NotIn is also met where the label is missing. */
export function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = valueOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      if (value === undefined || !isInteger(value)) return false;
      const difference = Number(value) - Number(values[0]);
      return operator === 'Gt' ? difference > 0 : difference < 0;
    }
  }
}

/** A LabelSelector as `kubectl -l` takes it, by key: `app=web,tier in (a,b),!old`. Empty where it takes everything or is none. */
export const selectorText = (selector: unknown): string =>
  [...(requirementsOf(selector) ?? [])]
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(textOf)
    .join(',');

function textOf({ key, operator, values }: Requirement): string {
  const all = values.toSorted().join(',');
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${all}` : `${key} in (${all})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${all}` : `${key} notin (${all})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${all}`;
    case 'Lt':
      return `${key}<${all}`;
  }
}
