/**
 * How values of a chart are laid over one another.
 *
 * Source: helm 3.17 and 4.1, pkg/cli/values; fluxcd/pkg chartutil 1.x merges alike. kustomize merges in a way of its own.
 */

export type Values = Record<string, unknown>;

export const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Values over others, as of two files: maps are joined, anything else of the second stands in place of the first's. A null stays, for it takes
 * the chart's own value away.
 *
 * @returns a new map, whose inner maps are those of the given ones where only one of both has them.
 */
export function mergeValues(under: Values, over: Values): Values {
  const out: Values = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const before = out[name];
    putValue(out, name, isMap(value) && isMap(before) ? mergeValues(before, value) : value);
  }
  return out;
}

/** As kustomize lays `valuesInline` over a file [5.5, kyaml merge2]: a null takes away what the file has, and is gone itself. */
export function mergeAsKustomize(under: Values, over: Values): Values {
  const out: Values = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const before = out[name];
    if (value === null) Reflect.deleteProperty(out, name);
    else putValue(out, name, isMap(value) ? mergeAsKustomize(isMap(before) ? before : {}, value) : value);
  }
  return out;
}

/** A key of any name, be it one that every object has of its own. */
export const putValue = (values: Values, name: string, value: unknown): void => {
  Object.defineProperty(values, name, { value, writable: true, enumerable: true, configurable: true });
};
