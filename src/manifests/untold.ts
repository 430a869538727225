/**
 * Values that stand in no manifest: variables that Flux fills in, what SOPS encrypts, what Argo CD's Vault plugin looks up. Nothing is judged
 * by what stands there in their place.
 */
import { Untold } from '../runbook/fact.ts';

/** What a value that SOPS encrypts is called. */
export const encrypted = 'a value that SOPS encrypts';

/** What stands for a value that somebody else fills in, as a person calls it; undefined for a value that stands there itself. */
export function placeholder(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value.startsWith('ENC[')) return encrypted;
  const [, variable] = /(?<!\$)\$\{([A-Za-z_]\w*)[^}]*\}/.exec(value) ?? [];
  return variable ?? /<path:[^>]+>/.exec(value)?.[0];
}

/** The first of the placeholders in a value, however deep. */
export function placeholderIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return placeholder(value);
  for (const inner of Object.values(value)) {
    const found = placeholderIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An object in which nobody can read what somebody else fills in. */
export function withoutPlaceholders<T extends object>(object: T, name: string): T {
  if (placeholderIn(object) === undefined) return object;
  const closed = (value: unknown): unknown => {
    const found = placeholder(value);
    if (found !== undefined) return new Untold(`What ${found} stands for in ${name}`);
    if (Array.isArray(value)) return value.map(closed);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]))
      : value;
  };
  return closed(object) as T;
}
