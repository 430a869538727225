/** The tables are those of robfig/cron v3's own tests (parser_test.go, spec_test.go), for its standard parser. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestGap, parseCron, type Schedule } from '../../src/formats/cron.ts';

function schedule(written: string, timeZone?: string): Schedule {
  const parsed = parseCron(written, timeZone);
  if ('refused' in parsed) throw new Error(parsed.refused);
  return parsed;
}

const at = (time: string): Date => new Date(`${time.replace(' ', 'T')}Z`);

describe('whether a schedule fires', () => {
  it.each<[string, string, boolean]>([
    ['2012-07-09 15:00', '0/15 * * * *', true],
    ['2012-07-09 15:45', '0/15 * * * *', true],
    ['2012-07-09 15:40', '0/15 * * * *', false],
    ['2012-07-09 15:05', '5/15 * * * *', true],
    ['2012-07-09 15:20', '5/15 * * * *', true],
    ['2012-07-15 15:00', '0/15 * * Jul *', true],
    ['2012-07-15 15:00', '0/15 * * Jun *', false],
    ['2012-07-15 08:30', '30 08 ? Jul Sun', true],
    ['2012-07-15 08:30', '30 08 15 Jul ?', true],
    ['2012-07-16 08:30', '30 08 ? Jul Sun', false],
    ['2012-07-16 08:30', '30 08 15 Jul ?', false],
    ['2012-07-09 15:00', '@hourly', true],
    ['2012-07-09 15:04', '@hourly', false],
    ['2012-07-09 15:00', '@daily', false],
    ['2012-07-09 00:00', '@daily', true],
    ['2012-07-09 00:00', '@weekly', false],
    ['2012-07-08 00:00', '@weekly', true],
    ['2012-07-08 01:00', '@weekly', false],
    ['2012-07-08 00:00', '@monthly', false],
    ['2012-07-01 00:00', '@monthly', true],
    ['2012-01-01 00:00', '@annually', true],
    // Either of the two days, where neither is a star.
    ['2012-07-15 00:00', '* * 1,15 * Sun', true],
    ['2012-06-15 00:00', '* * 1,15 * Sun', true],
    ['2012-08-01 00:00', '* * 1,15 * Sun', true],
    ['2012-07-15 00:00', '* * */10 * Sun', true],
    // Both, where one is.
    ['2012-07-15 00:00', '* * * * Mon', false],
    ['2012-07-09 00:00', '* * 1,15 * *', false],
    ['2012-07-15 00:00', '* * 1,15 * *', true],
    ['2012-07-15 00:00', '* * */2 * Sun', true],
    ['2026-11-22 09:00', '0 9 * * MON-FRI', false],
    ['2026-11-24 09:00', '0 9 * * MON-FRI', true],
    ['2026-11-23 00:00', '0 0 1 * 1', true],
    ['2026-11-23 00:03', '1,3-7/2,40 * * * *', true],
    ['2026-11-23 00:04', '1,3-7/2,40 * * * *', false],
  ])('at %s by “%s”: %s', (time, written, fires) => {
    const before = new Date(at(time).getTime() - 1000);
    expect(schedule(written).next(before)?.getTime() === at(time).getTime()).toBe(fires);
    expect(schedule(written).lastWithin(before, at(time)) !== undefined).toBe(fires);
  });
});

describe('the next run', () => {
  const newYork = 'America/New_York';

  it.each<[string, string, string | undefined, string?]>([
    ['2012-07-09T14:45:00Z', '0/15 * * * *', '2012-07-09T15:00:00Z'],
    ['2012-07-09T14:59:59Z', '0/15 * * * *', '2012-07-09T15:00:00Z'],
    ['2012-07-09T15:45:00Z', '20-35/15 * * * *', '2012-07-09T16:20:00Z'],
    ['2012-07-09T23:46:00Z', '*/15 * * * *', '2012-07-10T00:00:00Z'],
    ['2012-07-09T23:35:51Z', '20-35/15 1/2 * * *', '2012-07-10T01:20:00Z'],
    ['2012-07-09T23:35:51Z', '20-35/15 1/2 */2 * *', '2012-07-11T01:20:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 9 Apr-Oct ?', '2012-08-09T00:00:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 */5 Apr,Aug,Oct Mon', '2012-08-01T00:00:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 */5 Oct Mon', '2012-10-01T00:00:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 * Feb Mon', '2013-02-04T00:00:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 * Feb Mon/2', '2013-02-01T00:00:00Z'],
    ['2012-12-31T23:59:45Z', '* * * * *', '2013-01-01T00:00:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 29 Feb ?', '2016-02-29T00:00:00Z'],
    ['2012-07-09T23:35:00Z', '0 0 30 Feb ?', undefined],
    ['2012-07-09T23:35:00Z', '0 0 31 Apr ?', undefined],
    // Summer time begins, and an hour is left out.
    ['2012-03-11T00:00:00-05:00', '30 2 11 Mar ?', '2013-03-11T02:30:00-04:00', newYork],
    ['2012-03-11T00:00:00-05:00', '0 * * * ?', '2012-03-11T01:00:00-05:00', newYork],
    ['2012-03-11T01:00:00-05:00', '0 * * * ?', '2012-03-11T03:00:00-04:00', newYork],
    ['2012-03-11T03:00:00-04:00', '0 * * * ?', '2012-03-11T04:00:00-04:00', newYork],
    ['2012-03-11T00:00:00-05:00', '0 2 * * ?', '2012-03-12T02:00:00-04:00', newYork],
    // It ends, and an hour comes twice.
    ['2012-11-04T00:00:00-04:00', '30 2 04 Nov ?', '2012-11-04T02:30:00-05:00', newYork],
    ['2012-11-04T01:45:00-04:00', '30 1 04 Nov ?', '2012-11-04T01:30:00-05:00', newYork],
    ['2012-11-04T00:00:00-04:00', '0 * * * ?', '2012-11-04T01:00:00-04:00', newYork],
    ['2012-11-04T01:00:00-04:00', '0 * * * ?', '2012-11-04T01:00:00-05:00', newYork],
    ['2012-11-04T01:00:00-05:00', '0 * * * ?', '2012-11-04T02:00:00-05:00', newYork],
    ['2012-11-04T00:00:00-04:00', '0 1 * * ?', '2012-11-04T01:00:00-04:00', newYork],
    ['2012-11-04T01:00:00-04:00', '0 1 * * ?', '2012-11-04T01:00:00-05:00', newYork],
    ['2012-11-04T01:00:00-05:00', '0 1 * * ?', '2012-11-05T01:00:00-05:00', newYork],
    ['2012-11-04T00:00:00-04:00', '0 3 * * ?', '2012-11-04T03:00:00-05:00', newYork],
    ['2012-11-04T00:00:00-04:00', '0 3 3 * ?', '2012-12-03T03:00:00-05:00', newYork],
    ['2016-01-03T13:09:03+05:30', '14 14 * * *', '2016-01-03T14:14:00+05:30', 'Asia/Kolkata'],
    ['2018-10-17T05:00:00-04:00', '0 9 10 * ?', '2018-11-10T06:00:00-05:00', 'America/Sao_Paulo'],
  ])('after %s by “%s” is %s', (from, written, expected, zone) => {
    const wanted = expected === undefined ? undefined : new Date(expected);
    for (const parsed of zone === undefined
      ? [schedule(written)]
      : [schedule(written, zone), schedule(`CRON_TZ=${zone}  ${written}`)]) {
      expect(parsed.next(new Date(from))).toEqual(wanted);
      if (wanted !== undefined) expect(parsed.lastWithin(new Date(from), wanted)).toEqual(wanted);
    }
  });

  it('of @every counts from the last', () => {
    const start = at('2026-11-22 12:00');
    expect(schedule('@every 1h30m').next(start)).toEqual(at('2026-11-22 13:30'));
    expect(schedule('@every 90m').lastWithin(start, at('2026-11-22 16:00'))).toEqual(at('2026-11-22 15:00'));
    expect(schedule('@every 90m').lastWithin(start, at('2026-11-22 13:00'))).toBeUndefined();
    expect(schedule('@every 1ms').next(start)).toEqual(at('2026-11-22 12:00:01'));
  });

  it('and the last agree, whatever the zone', () => {
    const number = (max: number) => fc.oneof(fc.constant('*'), fc.nat(max).map(String), fc.constant('*/7'));
    fc.assert(
      fc.property(
        fc.tuple(
          number(59),
          number(23),
          fc.constantFrom('*', '1', '*/10', '28-31'),
          fc.constant('*'),
          fc.constantFrom('*', 'Sun', '1-5', '?'),
        ),
        fc.constantFrom('UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
        fc.integer({ min: 0, max: 900 }),
        (words, zone, days) => {
          const parsed = schedule(words.join(' '), zone);
          const start = new Date(Date.UTC(2026, 0, 1) + days * 86_400_000);
          const next = parsed.next(start);
          if (next === undefined) throw new Error('never');
          expect(next.getTime()).toBeGreaterThan(start.getTime());
          expect(parsed.lastWithin(start, next)).toEqual(next);
          expect(parsed.lastWithin(start, new Date(next.getTime() - 1))).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a schedule that is refused', () => {
  it.each([
    ['5--5 * * * *', 'too many hyphens'],
    ['* * * jan-x *', 'failed to parse int from x'],
    ['2-x * * * *', 'failed to parse int from x'],
    ['*/-12 * * * *', 'negative number (-12) not allowed'],
    ['*//2 * * * *', 'too many slashes'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1)'],
    ['60 0 * * *', 'end of range (60) above maximum (59)'],
    ['0 60 * * *', 'end of range (60) above maximum (23)'],
    ['5-3 * * * *', 'beginning of range (5) beyond end of range (3)'],
    ['*/0 * * * *', 'step of range should be a positive number'],
    ['0 0 * * 7', 'end of range (7) above maximum (6)'],
    ['0 0 * * XYZ', 'failed to parse int from XYZ'],
    ['0 0 L * *', 'failed to parse int from L'],
    ['0 0 * * 1#2', 'failed to parse int from 1#2'],
    ['nonsense * * * *', 'failed to parse int from nonsense'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['0 5 * * * *', 'expected exactly 5 fields, found 6'],
    ['', 'empty spec string'],
    ['xyz', 'expected exactly 5 fields, found 1: [xyz]'],
    ['@unrecognized', 'unrecognized descriptor: @unrecognized'],
    ['@every Xm', 'failed to parse duration @every Xm'],
    ['TZ=Nowhere/City * * * * *', 'unknown time zone Nowhere/City'],
  ])('“%s”: %s', (written, why) => {
    expect(parseCron(written)).toEqual({ refused: expect.stringContaining(why) as string });
  });

  it('by its zone', () => {
    expect(parseCron('* * * * *', 'Local')).toEqual({ refused: 'unknown time zone Local' });
  });
});

describe('the longest gap between runs', () => {
  it.each([
    ['*/5 * * * *', 5],
    ['@hourly', 60],
    ['0 */6 * * *', 360],
    ['0 9 * * MON-FRI', 3 * 1440],
    ['@weekly', 7 * 1440],
    ['0 0 1 * *', 31 * 1440],
    ['@every 90m', 90],
  ])('of “%s” is %d minutes', (written, minutes) => {
    expect(longestGap(schedule(written), at('2026-11-22 12:00'))).toBe(minutes * 60_000);
  });
});
