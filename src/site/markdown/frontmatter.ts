/** A page as it is written: what it says of itself between two lines of hyphens, and its text. */
import { parse } from 'yaml';

/** @returns The frontmatter as YAML has it, empty where there is none. */
export function parted(page: string): { frontmatter: object; body: string } {
  const [, head = '', body = ''] = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n([\s\S]*))?$/.exec(page) ?? [];
  return { frontmatter: (parse(head) ?? {}) as object, body };
}
