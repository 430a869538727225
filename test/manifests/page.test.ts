/** What every finding about manifests refers a reader to: a heading of the page on manifests. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { manifestFindings } from '../../src/manifests/finding.ts';
import { manifestFindingOf } from '../../src/manifests/runbook.ts';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const page = readFileSync('content/how-to/judge-manifests.md', 'utf8');
const anchors = [...page.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));

it('explains each finding under a heading of its name', () => {
  const names = Object.values(manifestFindings).flat();
  expect(anchors).toEqual(names.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)));
});

it('is what a finding names, in a report and by its id alone', async () => {
  const wrong = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: Shop }\n';
  const { report } = await judgeFolders([writeFolder({ 'a.yaml': wrong })], []);
  const [found] = report.checks.flatMap(({ findings }) => findings);
  expect(found?.page).toBe('/how-to/judge-manifests/#refused');
  expect(manifestFindingOf(found?.id ?? '')?.page).toBe(found?.page);
  expect(manifestFindingOf('gateway/exists#refused')).toBeUndefined();
  expect(manifestFindingOf('gateway/manifests-are-valid#nothing')).toBeUndefined();
});
