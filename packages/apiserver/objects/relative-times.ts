/** Times that count from now, for objects that are written once and are not to grow old. */
import { parseDuration } from '../../../src/formats/duration.ts';
import { isFields } from './fields.ts';
import { timestamp } from './object.ts';

const day = 86_400_000;

/** How a time is written: as API servers write it, or as logs do. */
const faces = {
  ago: timestamp,
  in: timestamp,
  /** `mmdd hh:mm:ss.uuuuuu` [k8s.io/klog/v2, formatHeader]. */
  klog: (time: Date): string => {
    const [date = '', clock = ''] = time.toISOString().split('T');
    return `${date.slice(5).replace('-', '')} ${clock.slice(0, -1)}000`;
  },
  /** With milliseconds [go.uber.org/zap 1.28, ISO8601TimeEncoder]. */
  zap: (time: Date): string => time.toISOString(),
};

const relativeTime = /\{\{\s*(ago|in|klog|zap)\s+((?:\d+[dhms])+)\s*\}\}/g;

/** `{{ago 3d4h}}` and `{{in 61d}}` become times, so that a fixture does not grow old; `{{klog 3d4h}}` and `{{zap 3d4h}}` are times ago as logs write them. */
export const resolveTimes = (content: string, now: Date): string =>
  content.replace(relativeTime, (_match, face: keyof typeof faces, duration: string) =>
    faces[face](new Date(now.getTime() + (face === 'in' ? 1 : -1) * ago(duration))),
  );

/**
 * Milliseconds of a span as scenarios write it: as Go does, with whole days before (`3d4h`).
 *
 * @throws where it is none
 */
export function ago(span: string): number {
  const [, days = '0', rest = ''] = /^(?:(\d+)d)?(.*)$/s.exec(span) ?? [];
  const ms = span === '' ? undefined : parseDuration(rest === '' ? '0' : rest);
  if (ms === undefined) throw new Error(`“${span}” is no span of time such as 40m or 3d4h.`);
  return Number(days) * day + ms;
}

/** A value with its relative times resolved. */
export function withTimes(value: unknown, now: Date): unknown {
  if (typeof value === 'string') return value.includes('{{') ? resolveTimes(value, now) : value;
  if (Array.isArray(value)) return value.map((entry) => withTimes(entry, now));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withTimes(entry, now)]));
}
