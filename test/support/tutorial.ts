/** A tutorial's words, for tests that follow its clicks. */
import { textOf } from '../site/pages.ts';
import { expect } from '@playwright/test';

/** @returns Expects words to stand in a tutorial: in bold what is pressed, in italics what is read or chosen. */
export function tutorial(name: string): (...words: readonly string[]) => void {
  const text = textOf(`content/tutorials/${name}.md`);
  return (...words) => words.forEach((word) => expect(text).toContain(word));
}
