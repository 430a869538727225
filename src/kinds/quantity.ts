/** Quantities such as `1.5Gi` and `100m` [apimachinery 0.36, pkg/api/resource]. */

/** Nothing smaller than a thousand millionth counts. */
export const nano = 1_000_000_000n;
const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** What an API server says of a text that is none. */
export const quantityText =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** In thousand millionths, rounded up, as Kubernetes does with what is finer than it keeps; undefined for what is no quantity. */
export function parseQuantity(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', suffix = ''] =
    /^([+-]?)(\d*)(?:\.(\d*))?((?:[KMGTPE]i)|[numkMGTPE]|[eE][+-]?\d{1,2})?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const power = binary.indexOf(suffix) + 1;
  const exponent = power > 0 ? 0 : (decimal[suffix] ?? Number(suffix.slice(1)));
  const scaled = digits * nano * 1024n ** BigInt(power) * 10n ** BigInt(Math.max(exponent, 0));
  const divisor = 10n ** BigInt(fraction.length + Math.max(-exponent, 0));
  const amount = (scaled + divisor - 1n) / divisor;
  return sign === '-' ? -amount : amount;
}
