/**
 * `node tools/release-notes.ts v1.2.3`: prints what CHANGELOG.md tells of a version, and fails when it tells nothing, or when package.json
 * is of another version.
 */
import { readFileSync } from 'node:fs';

/** What stands under the version's heading, `## [1.2.3] - 2026-11-28`. */
export function notesOf(version: string, changelog: string): string | undefined {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version}] - `));
  const notes = section?.split('\n').slice(1).join('\n');
  // References stand at the end of the file, under the last version.
  return notes?.replaceAll(/^\[[^\]]+\]: .*$/gm, '').trim();
}

if (import.meta.main) {
  const [tag = ''] = process.argv.slice(2);
  const wanted = /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1];
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const notes = wanted === undefined ? undefined : notesOf(wanted, readFileSync('CHANGELOG.md', 'utf8'));
  if (wanted === undefined) {
    console.error('Usage: node tools/release-notes.ts vMAJOR.MINOR.PATCH');
    process.exitCode = 64;
  } else if (version !== wanted) {
    console.error(
      `The tag is ${tag}, and package.json is of ${version}: run npm version ${wanted} --no-git-tag-version.`,
    );
    process.exitCode = 1;
  } else if (notes === undefined || notes === '') {
    console.error(`CHANGELOG.md has nothing under "## [${wanted}] - DATE".`);
    process.exitCode = 1;
  } else {
    console.log(notes);
  }
}
