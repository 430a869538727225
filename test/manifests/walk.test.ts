/** Which files a person means who names places, and what of them can be read. */
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeOfFiles } from '../../src/manifests/files/tree.ts';
import { walk } from '../../src/manifests/files/walk.ts';
import { noteText } from '../../src/manifests/manifest.ts';
import { writeFolder } from '../support/manifests.ts';

const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;

async function filesIn(folder: string, exclude?: readonly string[], place = folder): Promise<readonly string[]> {
  const { files } = await walk(treeOfFiles(), [place], exclude);
  return files.map((file) => relative(folder, file));
}

describe('what is looked at', () => {
  it('is YAML and JSON, below folders too, and nothing of tools', async () => {
    const folder = writeFolder({
      'a.yaml': namespace('a'),
      'b.yml': namespace('b'),
      'c.json': '{}',
      'README.md': 'no',
      'dist/d.yaml': namespace('d'),
      '.github/workflows/x.yaml': 'on: push',
      'node_modules/x/y.yaml': 'no: 1',
    });
    expect(await filesIn(folder)).toEqual(['a.yaml', 'b.yml', 'c.json', 'dist/d.yaml']);
  });

  it('follows links to folders, and ends where they lead in a circle', async () => {
    const folder = writeFolder({ 'real/a.yaml': namespace('a'), 'shown/b.yaml': namespace('b') });
    symlinkSync(join(folder, 'real'), join(folder, 'shown', 'linked'));
    symlinkSync(folder, join(folder, 'real', 'up'));
    expect(await filesIn(folder)).toEqual(['real/a.yaml', 'shown/b.yaml']);
    expect(await filesIn(folder, [], join(folder, 'shown'))).toEqual(['shown/b.yaml', 'shown/linked/a.yaml']);
  });

  it('tells of a link that leads nowhere, and goes on', async () => {
    const folder = writeFolder({ 'a.yaml': namespace('a') });
    symlinkSync(join(folder, 'nowhere'), join(folder, 'z.yaml'));
    const { files, notes } = await walk(treeOfFiles(), [folder]);
    expect(files).toEqual([join(folder, 'a.yaml')]);
    expect(notes.map(noteText)).toEqual([`${folder}/z.yaml is a link that leads nowhere.`]);
  });

  it('tells of a chart, and takes nothing of what is in it for manifests', async () => {
    const folder = writeFolder({
      'c/Chart.yaml': 'name: c',
      'c/templates/x.yaml': '{{ x }}',
      'a.yaml': namespace('a'),
    });
    const { files, notes, charts } = await walk(treeOfFiles(), [folder]);
    expect(files).toEqual([join(folder, 'a.yaml')]);
    expect(charts).toEqual([join(folder, 'c')]);
    expect(notes).toEqual([]);
  });

  // Whoever runs as root may read everything.
  it.skipIf(process.getuid?.() === 0)('tells of a folder that nobody may read, and goes on', async () => {
    const folder = writeFolder({ 'a.yaml': namespace('a') });
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0);
    const { notes } = await walk(treeOfFiles(), [folder]);
    expect(notes.map(noteText)).toEqual([`${folder}/closed cannot be read. Name folders that you may read.`]);
  });
});

describe('what is left out', () => {
  const files = {
    'main/a.yaml': namespace('a'),
    'test/a.yaml': namespace('a'),
    'test/keep.yaml': namespace('keep'),
    'main/deep/test/b.yaml': namespace('b'),
  };

  it.each([
    [['test'], ['main/a.yaml']],
    [['/test/'], ['main/a.yaml', 'main/deep/test/b.yaml']],
    [
      ['/test/*', '!/test/keep.yaml'],
      ['main/a.yaml', 'main/deep/test/b.yaml', 'test/keep.yaml'],
    ],
    [['*.yaml', '!keep.yaml'], ['test/keep.yaml']],
  ])('by the pattern %j', async (patterns, left) => {
    expect(await filesIn(writeFolder(files), patterns)).toEqual(left);
  });

  it('is what a .runbookignore beside the manifests says, whichever folder is named', async () => {
    const folder = writeFolder({ ...files, '.git/HEAD': '', '.runbookignore': '# the other cluster\n/test\n' });
    expect(await filesIn(folder)).toEqual(['main/a.yaml', 'main/deep/test/b.yaml']);
    expect(await filesIn(folder, [], join(folder, 'test'))).toEqual([]);
  });
});
