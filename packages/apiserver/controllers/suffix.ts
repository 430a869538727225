/** What names of generated objects end in. */
import { sha256 } from '../bytes/sha256.ts';

/** A suffix of the alphabet that Kubernetes uses for names: the same in every run, for the same seed. */
export function suffixOf(seed: string, length = 5): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return [...sha256(seed).subarray(0, length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
