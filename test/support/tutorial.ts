/** A tutorial's words, for tests that follow its clicks. */
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';

/** @returns Expects words to stand in a tutorial: in bold what is pressed, in italics what is read or chosen. */
export function tutorial(name: string): (...words: readonly string[]) => void {
  const text = readFileSync(`content/tutorials/${name}.md`, 'utf8');
  return (...words) => words.forEach((word) => expect(text).toContain(word));
}
