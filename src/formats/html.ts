/** Text as HTML: what every part of the site that writes HTML by hand puts its values through. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** Names of flags in a command line; to split it by, too. */
export const flags = /(?<=^|\s)(--?[a-z][a-z-]{0,40})/g;

/** HTML of a line of code, in which each flag stands in one piece: browsers break lines behind a hyphen, and `--` at the end of one says something else. */
export const codeHtml = (line: string): string => escapeHtml(line).replace(flags, '<span class="flag">$1</span>');
