/**
 * Schedules of CronJobs, in Kubernetes' dialect: the standard parser of robfig/cron v3. Five fields, names, `?`, `@hourly` and its like,
 * `@every 90m`, and a day that fits either of day-of-month and day-of-week unless one of them is a star. `L`, `W`, `#`, seconds and the
 * seventh day of a week are not in it, so the fields are read here; the calendar is croner's.
 */
import { Cron } from 'croner';
import { parseDuration } from './duration.ts';

export interface Schedule {
  /** The first run after a time; undefined where none comes within years. */
  next: (after: Date) => Date | undefined;
  /** The last run after one time and not after another. `@every` counts from the first. */
  lastWithin: (after: Date, until: Date) => Date | undefined;
}

interface Field {
  name: string;
  min: number;
  max: number;
  names: readonly string[];
}

const none: readonly string[] = [];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const fields: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, names: none },
  { name: 'hour', min: 0, max: 23, names: none },
  { name: 'day of month', min: 1, max: 31, names: none },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of week', min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

class Refused extends Error {}

/**
 * A schedule; one that is refused says why, in the words of robfig/cron.
 *
 * @param timeZone `spec.timeZone`; UTC when left out, as in most control planes
 */
export function parseCron(written: string, timeZone?: string): Schedule | { refused: string } {
  const [, ownZone, rest] = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(written) ?? [undefined, undefined, written];
  const zone = timeZone ?? ownZone ?? 'UTC';
  if (!isZone(zone)) return { refused: `unknown time zone ${zone}` };
  try {
    return scheduleOf(rest.trim(), zone);
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    throw error;
  }
}

function scheduleOf(written: string, zone: string): Schedule {
  if (written === '') throw new Refused('empty spec string');
  if (written.startsWith('@every ')) return everySchedule(written.slice('@every '.length));
  const spec = descriptors[written] ?? written;
  if (spec.startsWith('@')) throw new Refused(`unrecognized descriptor: ${spec}`);
  const words = spec.split(/\s+/);
  if (words.length !== fields.length) {
    throw new Refused(`expected exactly 5 fields, found ${words.length}: [${words.join(' ')}]`);
  }
  const read = words.map((word, index) => valuesOf(word, fields[index] ?? { name: '', min: 0, max: 0, names: none }));
  const [, , day, , weekday] = read;
  const pattern = read.map(({ values, isStar }) => (isStar ? '*' : values.join(','))).join(' ');
  // Both must fit where one is a star; where none is, either is enough.
  const domAndDow = day?.isStar === true || weekday?.isStar === true;
  return wallSchedule(new Cron(pattern, { timezone: 'UTC', domAndDow }), zone);
}

/** The numbers that a field takes. A star is one only with a step of one. */
function valuesOf(word: string, field: Field): { values: readonly number[]; isStar: boolean } {
  const ranges = word.split(',').filter((range) => range !== '');
  const read = ranges.map((range) => rangeOf(range, field));
  const values = [...new Set(read.flatMap(({ numbers }) => numbers))].sort((one, other) => one - other);
  if (values.length === 0) throw new Refused(`no ${field.name} in ${word}`);
  return { values, isStar: read.some(({ isStar }) => isStar) };
}

function rangeOf(range: string, { min, max, names }: Field): { numbers: readonly number[]; isStar: boolean } {
  const [span = '', stepped, ...moreSteps] = range.split('/');
  const [first = '', last, ...moreEnds] = span.split('-');
  if (moreSteps.length > 0) throw new Refused(`too many slashes: ${range}`);
  const isWhole = first === '*' || first === '?';
  if (!isWhole && moreEnds.length > 0) throw new Refused(`too many hyphens: ${range}`);
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    return named === -1 ? wholeNumber(text, range) : named + min;
  };
  const start = isWhole ? min : numberOf(first);
  const step = stepped === undefined ? 1 : wholeNumber(stepped, range);
  // One number with a step goes on to the end.
  const end = isWhole ? max : last !== undefined ? numberOf(last) : stepped !== undefined ? max : start;
  if (start < min) throw new Refused(`beginning of range (${start}) below minimum (${min}): ${range}`);
  if (end > max) throw new Refused(`end of range (${end}) above maximum (${max}): ${range}`);
  if (start > end) throw new Refused(`beginning of range (${start}) beyond end of range (${end}): ${range}`);
  if (step === 0) throw new Refused(`step of range should be a positive number: ${range}`);
  const numbers = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
  return { numbers, isStar: isWhole && step === 1 };
}

function wholeNumber(text: string, range: string): number {
  if (/^-\d+$/.test(text)) throw new Refused(`negative number (${text}) not allowed: ${range}`);
  if (!/^\+?\d{1,9}$/.test(text)) throw new Refused(`failed to parse int from ${text}: ${range}`);
  return Number(text);
}

/** A run each so often, in whole seconds. */
function everySchedule(written: string): Schedule {
  const told = parseDuration(written);
  if (told === undefined) throw new Refused(`failed to parse duration @every ${written}`);
  const delay = Math.max(1000, Math.floor(told / 1000) * 1000);
  return {
    next: (after) => new Date(after.getTime() + delay),
    lastWithin(after, until) {
      const runs = Math.floor((until.getTime() - after.getTime()) / delay);
      return runs > 0 ? new Date(after.getTime() + runs * delay) : undefined;
    },
  };
}

/** As robfig/cron counts: what the clock on the wall shows. An hour that a zone skips has no run, one that it repeats has two. */
function wallSchedule(wall: Cron, zone: string): Schedule {
  const next: Schedule['next'] = (after) => {
    // Where a zone sets its clocks back, the wall shows an earlier time later.
    let from: Date | null = new Date(wallTime(after.getTime(), zone) - slack(zone));
    let best: number | undefined;
    for (let tries = 0; tries < 1000; tries += 1) {
      from = wall.nextRun(from);
      if (from === null) break;
      if (best !== undefined && from.getTime() > wallTime(best, zone) + slack(zone)) break;
      for (const instant of instantsOf(from.getTime(), zone)) {
        if (instant > after.getTime() && (best === undefined || instant < best)) best = instant;
      }
      if (best !== undefined && slack(zone) === 0) break;
    }
    return best === undefined ? undefined : new Date(best);
  };
  const lastWithin: Schedule['lastWithin'] = (after, until) => {
    let from: Date | undefined = new Date(wallTime(until.getTime(), zone) + slack(zone) + 1000);
    let best: number | undefined;
    for (let tries = 0; tries < 1000; tries += 1) {
      [from] = wall.previousRuns(1, from);
      if (from === undefined) break;
      const isPast = from.getTime() < wallTime(after.getTime(), zone) - slack(zone);
      if (isPast || (best !== undefined && from.getTime() < wallTime(best, zone) - slack(zone))) break;
      for (const instant of instantsOf(from.getTime(), zone)) {
        const isWithin = instant > after.getTime() && instant <= until.getTime();
        if (isWithin && (best === undefined || instant > best)) best = instant;
      }
      if (best !== undefined && slack(zone) === 0) break;
    }
    return best === undefined ? undefined : new Date(best);
  };
  return { next, lastWithin };
}

const hour = 3_600_000;
/** How far a zone sets its clocks at most. */
const slack = (zone: string): number => (zone === 'UTC' ? 0 : 2 * hour);

/** What the wall shows at an instant, as if it were UTC. */
function wallTime(instant: number, zone: string): number {
  if (zone === 'UTC') return instant;
  const parts = clockOf(zone).formatToParts(instant);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown + (((instant % 1000) + 1000) % 1000);
}

/** The instants at which the wall shows a time: none, one or two. */
function instantsOf(wall: number, zone: string): readonly number[] {
  if (zone === 'UTC') return [wall];
  const offsets = [wall - 24 * hour, wall + 24 * hour].map((near) => wallTime(near, zone) - near);
  return [...new Set(offsets)].map((offset) => wall - offset).filter((instant) => wallTime(instant, zone) === wall);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-u-hc-h23', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, clock);
  return clock;
}

function isZone(zone: string): boolean {
  if (zone === '' || zone === 'Local') return false;
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The longest time between two runs from a time on, in milliseconds; undefined where there are not two. */
export function longestGap({ next }: Schedule, from: Date, runs = 60): number | undefined {
  let before = next(from);
  let longest: number | undefined;
  for (let count = 1; count < runs && before !== undefined; count += 1) {
    const after = next(before);
    if (after === undefined) break;
    longest = Math.max(longest ?? 0, after.getTime() - before.getTime());
    before = after;
  }
  return longest;
}
