/** The table is that of Go's own test of time.ParseDuration (time/time_test.go). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanoseconds, parseDuration, since, spanText } from '../../src/formats/duration.ts';

const [us, ms, s] = [1000n, 1_000_000n, 1_000_000_000n];
const [m, h] = [60n * s, 3600n * s];
const longest = 2n ** 63n - 1n;

describe('a duration', () => {
  it.each<[string, bigint]>([
    ['0', 0n],
    ['5s', 5n * s],
    ['1478s', 1478n * s],
    ['-5s', -5n * s],
    ['+5s', 5n * s],
    ['-0', 0n],
    ['+0', 0n],
    ['5.0s', 5n * s],
    ['5.6s', 5n * s + 600n * ms],
    ['5.s', 5n * s],
    ['.5s', 500n * ms],
    ['1.0040s', s + 4n * ms],
    ['100.00100s', 100n * s + ms],
    ['10ns', 10n],
    ['11us', 11n * us],
    ['12µs', 12n * us],
    ['12μs', 12n * us],
    ['13ms', 13n * ms],
    ['15m', 15n * m],
    ['16h', 16n * h],
    ['3h30m', 3n * h + 30n * m],
    ['10.5s4m', 4n * m + 10n * s + 500n * ms],
    ['-2m3.4s', -(2n * m + 3n * s + 400n * ms)],
    ['1h2m3s4ms5us6ns', h + 2n * m + 3n * s + 4n * ms + 5n * us + 6n],
    ['39h9m14.425s', 39n * h + 9n * m + 14n * s + 425n * ms],
    ['52763797000ns', 52_763_797_000n],
    ['9007199254740993ns', 2n ** 53n + 1n],
    ['9223372036854775807ns', longest],
    ['9223372036854775.807us', longest],
    ['9223372036s854ms775us807ns', longest],
    ['-9223372036854775807ns', -longest],
    ['0.100000000000000000000h', 6n * m],
    ['0.830103483285477580700h', 49n * m + 48n * s + 372_539_827n],
  ])('%s', (text, expected) => expect(nanoseconds(text)).toBe(expected));

  it('has more digits than a second has nanoseconds', () => {
    // Go rounds the twentieth digit of a third of an hour up; a nanosecond is lost here.
    expect(Number(nanoseconds('0.3333333333333333333h')) / 1e9).toBeCloseTo(1200, 6);
  });

  it.each([
    ...[
      '',
      '3',
      '-',
      's',
      '.',
      '-.',
      '.s',
      '+.s',
      '1d',
      '1w',
      '1h ',
      ' 1h',
      '1 h',
      '1hh',
      '--1h',
      '1e3s',
      '1.2.3s',
      'PT1H',
    ],
    ...[
      '3000000h',
      '9223372036854775808ns',
      '9223372036854775.808us',
      '9223372036854ms775us808ns',
      '-9223372036854775808ns',
    ],
    '1h'.repeat(100_000),
  ])('is not %j', (text) => expect(nanoseconds(text)).toBeUndefined());

  it('is told in milliseconds', () => {
    expect(['1.5h', '300ms', '1us', '-1m', 'x', undefined].map(parseDuration)).toEqual([
      5_400_000,
      300,
      0.001,
      -60_000,
      undefined,
      undefined,
    ]);
  });

  it('is the sum of its parts, in any order', () => {
    const part = fc.tuple(fc.nat(1000), fc.constantFrom('ns', 'us', 'ms', 's', 'm', 'h'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const written = parts.map(([amount, unit]) => `${amount}${unit}`);
        const sum = written.reduce((total, one) => total + (nanoseconds(one) ?? 0n), 0n);
        expect(nanoseconds(written.join(''))).toBe(sum);
        expect(nanoseconds(`-${written.toReversed().join('')}`)).toBe(-sum);
      }),
    );
  });
});

describe('a span for people', () => {
  it.each([
    [30_000, '1 minute'],
    [90 * 60_000, '90 minutes'],
    [3 * 3_600_000, '3 hours'],
    [9 * 86_400_000, '9 days'],
  ])('%d ms is %s', (span, text) => expect(spanText(span)).toBe(text));

  it('is counted from a time that there is', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    expect(since('2026-11-22T11:00:00Z', now)).toBe(3_600_000);
    expect([undefined, null, 'nonsense'].map((time) => since(time, now))).toEqual([undefined, undefined, undefined]);
  });
});
