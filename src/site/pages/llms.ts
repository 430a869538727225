/** The handbook's contents for a language model (llmstxt.org): what it is, and where each page is as Markdown. */
import type { APIRoute } from 'astro';
import { stack } from '#stack';
import {
  absolute,
  cataloguePath,
  catalogueSchemaPath,
  feedPath,
  llmsFullPath,
  markdownPath,
  acceptedSchemaPath,
  diffSchemaPath,
  reportSchemaPath,
} from '../publish/addresses.ts';
import { publishedPages } from '../publish/pages.ts';
import { sections } from '../sections.ts';

export const GET: APIRoute = async () => {
  const pages = await publishedPages();
  const link = (title: string, path: string, says: string) => `- [${title}](${absolute(path)}): ${says}`;
  const landing = pages.find(({ section }) => section === undefined);
  return new Response(
    `${[
      `# ${stack.site.title}`,
      `> ${landing?.description ?? ''}`,
      'Each issue has a runbook: read-only checks of a live cluster, run from a checkout of the handbook. Every page is at the same path with `.md` for its last slash.',
      ...sections.map(({ title: section }) =>
        [
          `## ${section}`,
          '',
          ...pages
            .filter((page) => page.section === section)
            .map(({ id, title, description }) => link(title, markdownPath(id), description)),
        ].join('\n'),
      ),
      [
        '## Data',
        '',
        link('Catalogue of runbooks', cataloguePath, 'every runbook and check, with what it reads, as JSON'),
        link('Schema of the catalogue', catalogueSchemaPath, 'JSON Schema'),
        link('Schema of a report', reportSchemaPath, 'JSON Schema of what a run prints with `-o json`'),
        link('Schema of a comparison', diffSchemaPath, 'JSON Schema of what `diff -o json` prints'),
        link('Schema of accepted findings', acceptedSchemaPath, 'JSON Schema of the file that `--accept` takes'),
      ].join('\n'),
      [
        '## Optional',
        '',
        link('Everything in one file', llmsFullPath, 'all pages and all checks as one Markdown document'),
        link('Changes', feedPath, 'pages that are new or changed, as RSS'),
      ].join('\n'),
    ].join('\n\n')}\n`,
  );
};
