/** Durations as Go writes them: `1h30m`, `720h0m0s`, `1.5h`. */
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** In milliseconds; undefined for what is none. */
export function durationOf(written: string): number | undefined {
  if (written === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smh]))+$/.test(written)) return undefined;
  return [...written.matchAll(/([\d.]+)(ms|[smh])/g)].reduce(
    (sum, [, amount = '0', unit = '']) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}
