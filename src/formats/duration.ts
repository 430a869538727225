/** Spans of time: as Go and with it Kubernetes objects write them, and as people read them. */

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  // Both letters that look so: the micro sign and the Greek mu.
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go counts in 64 bits. */
const longest = 2n ** 63n - 1n;

/** Nanoseconds of a duration as Go's time.ParseDuration takes it (`1h0m0s`, `-1.5h`, `300ms`); undefined for what is none. */
export function nanoseconds(text: string): bigint | undefined {
  const [, sign = '', span = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (span === '0') return 0n;
  // No digit of a longer text counts in nanoseconds.
  if (span.length > 1000 || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(span))
    return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', name = ''] of span.matchAll(/(\d*)\.?(\d*)([^\d.]+)/g)) {
    const unit = units[name] ?? 0n;
    sum += BigInt(whole || '0') * unit + (BigInt(fraction || '0') * unit) / 10n ** BigInt(fraction.length);
  }
  if (sum > longest) return undefined;
  return sign === '-' ? -sum : sum;
}

/** The same in milliseconds. */
export function parseDuration(text: string | undefined): number | undefined {
  const exact = text === undefined ? undefined : nanoseconds(text);
  return exact === undefined ? undefined : Number(exact) / 1e6;
}

const hour = 3_600_000;
const day = 24 * hour;

/** A span in its largest fitting unit: `9 days`, `3 hours`, `1 minute`. */
export function spanText(ms: number): string {
  const [amount, unit] =
    ms >= 2 * day ? [ms / day, 'day'] : ms >= 2 * hour ? [ms / hour, 'hour'] : [ms / 60_000, 'minute'];
  const whole = Math.max(1, Math.floor(amount));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

/** How long ago a time of an object's status was, in milliseconds; undefined when there is no such time. */
export function since(time: string | null | undefined, now: Date): number | undefined {
  const at = time === null || time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : now.getTime() - at;
}
