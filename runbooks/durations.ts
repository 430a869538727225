/** Spans of time: as Kubernetes objects write them, and as people read them. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const day = 86_400_000;

/** Milliseconds of a duration as Go writes it (`1h0m0s`, `15s`); undefined for what is none. */
export function parseDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0),
    0,
  );
}

/** A span in its largest fitting unit: `9 days`, `3 hours`, `1 minute`. */
export function spanText(ms: number): string {
  const [amount, unit] =
    ms >= 2 * day ? [ms / day, 'day'] : ms >= 2 * 3_600_000 ? [ms / 3_600_000, 'hour'] : [ms / 60_000, 'minute'];
  const whole = Math.max(1, Math.floor(amount));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

/** How long ago a time of an object's status was, in milliseconds; undefined when there is no such time. */
export function since(time: string | null | undefined, now: Date): number | undefined {
  const at = time === null || time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : now.getTime() - at;
}
