/** What a field holds, whatever type somebody wrote there. */
import { isObject } from '../kinds/violation.ts';
import type { ManifestObject, Path } from './manifest.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const textsOf = (value: unknown): readonly string[] => listOf(value).filter((one) => typeof one === 'string');
export const specOf = (object: ManifestObject): Fields => fieldsOf((object as unknown as Fields)['spec']);

/** What stands at a path; undefined where it leads nowhere. */
export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    value,
  );

/** The name at the end of an address or a path. */
export const lastPart = (address: string): string => address.replace(/\/+$/, '').split('/').at(-1) ?? address;
