/** What nobody can guess, in letters and digits that no two of look alike: an address is selected, copied and read aloud whole. */
import { randomInt } from 'node:crypto';

const letters = 'abcdefghjkmnpqrstvwxyz23456789';

/** @param length Each letter holds 4.9 bits. */
export const randomWord = (length: number): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
