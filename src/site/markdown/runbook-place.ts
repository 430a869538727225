/** Where a page's runbook stands in its text: at a comment, in the source as in the HTML. Pure. */

const mark = '<!-- runbook -->';

/** The text before a page's runbook and after it. @throws for a page that names a runbook and no place for it, or the other way round. */
export function runbookPlace(text: string, runbook: string | undefined, file = 'A page'): readonly [string, string] {
  const [before = '', after = '', ...more] = text.split(mark);
  const isPlaced = before.length < text.length;
  if (more.length > 0 || isPlaced !== (runbook !== undefined)) {
    throw new Error(
      runbook === undefined
        ? `${file} says where its runbook stands, ${mark}, and names none: add runbook: to its frontmatter.`
        : `${file} names the runbook ${runbook}: say once where it stands, with ${mark} on a line of its own.`,
    );
  }
  return [before, after];
}
