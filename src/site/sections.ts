/** The sections of the handbook, in reading order: a folder of `content/` and a group of the sidebar each. */
export const sections = [
  { folder: 'tutorials', title: 'Start' },
  { folder: 'how-to', title: 'How-to' },
  { folder: 'issues', title: 'Fix a problem' },
  { folder: 'explanation', title: 'Explanation' },
  { folder: 'reference', title: 'Reference' },
] as const;

/** The section of a page by its id (`issues/missing-sni`); the landing page is in none. */
export const sectionOf = (id: string): (typeof sections)[number] | undefined =>
  sections.find(({ folder }) => id.startsWith(`${folder}/`));
