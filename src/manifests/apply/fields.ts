/** What a field holds, whatever type somebody wrote there. */
import { isObject } from '../../kinds/violation.ts';
import type { Manifest } from '../manifest.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const textsOf = (value: unknown): readonly string[] => listOf(value).filter((one) => typeof one === 'string');
export const specOf = ({ object }: Pick<Manifest, 'object'>): Fields => fieldsOf((object as unknown as Fields)['spec']);

/** The name at the end of an address or a path. */
export const lastPart = (address: string): string => address.replace(/\/+$/, '').split('/').at(-1) ?? address;
