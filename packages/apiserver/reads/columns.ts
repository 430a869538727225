/** What a column of a table is, and those that many kinds have. */
import { number, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';

export type Cell = string | number;

export interface Column {
  name: string;
  type?: 'string' | 'integer' | 'date';
  /** Shown with `-o wide` only. */
  wide?: boolean;
  cell: (object: StoredObject, now: Date) => Cell;
}

export const none = '<none>';

/** A duration as kubectl prints ages: two units while they tell something, then one. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return both(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? both(years, 'y', days % 365, 'd') : `${years}y`;
}

const both = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;

export function since(time: string, now: Date): string {
  const then = Date.parse(time);
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now.getTime() - then);
}

export const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };

export const age: Column = { name: 'Age', cell: ({ metadata }, now) => since(metadata.creationTimestamp, now) };

export const field = (title: string, path: string, fallback = ''): Column => ({
  name: title,
  cell: (object) => text(object, ...path.split('.')) || fallback,
});

export const count = (title: string, path: string): Column => ({
  name: title,
  type: 'integer',
  cell: (object) => number(object, ...path.split('.')),
});

export const wide = (column: Column): Column => ({ ...column, wide: true });

export const joined = (map: Readonly<Record<string, string>>): string =>
  Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || none;
