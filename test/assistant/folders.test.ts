/** Which files an assistant may have judged, and what an answer tells of this machine: nothing but what it was named for. */
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRenaming, withoutPaths } from '../../src/assistant/discreet.ts';
import { openFolders, type Folders } from '../../src/assistant/folders.ts';
import { limits } from '../../src/assistant/limits.ts';
import { reportSchema } from '../../src/runbook/report.ts';
import { assistant, type Assistant } from '../support/assistant.ts';

const root = mkdtempSync(join(tmpdir(), 'assistant-folders-'));
const canary = 'canary-of-another-folder';

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\n${more}`;

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

write('repo/apps/one.yaml', configMap('one', 'dta: {}\n'));
write('repo/apps/deep/two.yaml', configMap('two'));
write('repo/infra/three.yaml', configMap('three'));
write('repo/apps/notes.txt', canary);
write('repo/apps/.env', canary);
// What it holds would be told: it has a field that nothing knows.
write('outside/secret.yaml', configMap(canary, 'outsideField: {}\n'));
// Where paths of Flux and Argo CD begin, which is above the folders that are named.
write('repo/.git/HEAD', 'ref: refs/heads/main\n');
write('repo/private/secret.yaml', configMap(canary, 'outsideField: {}\n'));
write('repo/linked/fine.yaml', configMap('fine'));
symlinkSync('fine.yaml', join(root, 'repo/linked/same.yaml'));
write('repo/leaky/fine.yaml', configMap('fine'));
symlinkSync(join(root, 'outside/secret.yaml'), join(root, 'repo/leaky/secret.yaml'));
write('repo/tunnel/fine.yaml', configMap('fine'));
symlinkSync(join(root, 'outside'), join(root, 'repo/tunnel/more'));
// A kustomization, and Flux's, that name what is not theirs.
write(
  'repo/reaching/kustomization.yaml',
  `resources: [../../outside, ../../outside/secret.yaml, /etc/kubernetes/admin.yaml]\nconfigMapGenerator: [{ name: x, files: [../../outside/secret.yaml] }]\npatches: [{ path: ../../outside/secret.yaml }]\n`,
);
write('repo/reaching/fine.yaml', configMap('fine'));
for (const [name, path] of Object.entries({
  up: '../outside',
  deep: '../../outside',
  beside: './private',
  whole: './',
})) {
  write(
    `repo/reaching/flux-${name}.yaml`,
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: ${name}, namespace: flux-system }\nspec: { path: ${path}, interval: 1h, prune: true, sourceRef: { kind: GitRepository, name: flux-system } }\n`,
  );
  write(
    `repo/reaching/argo-${name}.yaml`,
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: ${name}, namespace: argocd }\nspec: { project: default, source: { repoURL: https://example.org/x.git, path: ${path} }, destination: { namespace: default, server: https://kubernetes.default.svc } }\n`,
  );
}
write(
  'repo/broken/secret.yaml',
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: default\ndata:\n  password: ${canary}!\n  other: 12345678\nstringData: ${canary}\n`,
);

describe('paths of an assistant', () => {
  let folders: Folders;
  let copies = 0;
  /** Files of the copy, and the places in it. */
  const copied = async (some: Folders, paths: readonly string[]) => {
    const into = join(root, `copy-${(copies += 1)}`);
    const { places, notes } = await some.copy(paths, into);
    const files = readdirSync(into, { recursive: true, withFileTypes: true });
    return {
      places: places.map((place) => relative(into, place)),
      files: files
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(into, join(parentPath, name))),
      links: files.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name),
      notes,
    };
  };
  beforeAll(async () => {
    folders = await openFolders([join(root, 'repo/apps'), join(root, 'repo/infra/'), join(root, 'repo/leaky')]);
  });

  it('begin with a folder, which is called by its own name', async () => {
    expect(folders.labels).toEqual(['apps', 'infra', 'leaky']);
    const { places, files } = await copied(folders, ['apps', 'apps/deep/', 'apps/./one.yaml', 'infra/three.yaml']);
    expect(places).toEqual(['apps', 'apps/deep', 'apps/one.yaml', 'infra/three.yaml']);
    expect(files.sort()).toEqual(['apps/deep/two.yaml', 'apps/one.yaml', 'infra/three.yaml']);
  });

  it.each([
    '..',
    '../apps',
    'apps/..',
    'apps/../../outside/secret.yaml',
    'apps\\..\\..\\outside',
    'other',
    'app',
    'appsx/one.yaml',
    '.',
    './apps/../infra/../..',
    '/etc/passwd',
    join(root, 'outside/secret.yaml'),
    join(root, 'repo/apps/one.yaml'),
    'C:\\Windows',
    '~/.kube/config',
    'apps/one.yaml\0.txt',
    '',
  ])('%j is in none', async (path) => {
    await expect(copied(folders, [path])).rejects.toThrow('is in none of the folders');
  });

  it.each(['apps/nothing', 'apps/one.yaml/more', `apps/${'x'.repeat(5000)}`])('%.40s is not there', async (path) => {
    await expect(copied(folders, [path])).rejects.toThrow('There is no file or folder');
  });

  it.each(['apps/notes.txt', 'apps/.env'])('%s is no manifest', async (path) => {
    await expect(copied(folders, [path])).rejects.toThrow('is no YAML file');
  });

  it('lead over no link that leads out; one that stays is a file like others', async () => {
    const linked = await openFolders([join(root, 'repo/linked'), join(root, 'repo/tunnel')]);
    const { files, links, notes } = await copied(linked, []);
    expect(files.sort()).toEqual(['linked/fine.yaml', 'linked/same.yaml', 'tunnel/fine.yaml']);
    expect(links).toEqual([]);
    expect(notes).toEqual(['tunnel/more is a link that leads out of the folder: left out.']);
    await expect(copied(linked, ['tunnel/more/secret.yaml'])).rejects.toThrow('is a link that leads out');
    await expect(copied(folders, ['leaky/secret.yaml'])).rejects.toThrow('is a link that leads out');
    expect((await copied(folders, ['leaky/fine.yaml'])).notes).toEqual([
      'leaky/secret.yaml is a link that leads out of the folder: left out.',
    ]);
  });

  it('that go round end', async () => {
    write('repo/round/a/fine.yaml', configMap('fine'));
    symlinkSync('..', join(root, 'repo/round/a/up'));
    symlinkSync('nowhere.yaml', join(root, 'repo/round/a/lost.yaml'));
    const { files, notes } = await copied(await openFolders([join(root, 'repo/round')]), []);
    expect(files).toEqual(['round/a/fine.yaml']);
    expect(notes).toEqual(['round/a/lost.yaml is a link that leads nowhere: left out.']);
  });

  it('bring what a kustomization makes ConfigMaps of, and nothing else that is no manifest', async () => {
    write('repo/built/base/kustomization.yaml', 'configMapGenerator: [{ name: x, files: [settings.ini] }]\n');
    write('repo/built/base/settings.ini', 'a=b');
    write('repo/built/base/large.bin', 'x'.repeat(2 * 1024 * 1024));
    write('repo/built/notes.txt', 'a');
    write('repo/built/node_modules/x.yaml', 'a: b');
    const { files } = await copied(await openFolders([join(root, 'repo/built')]), []);
    expect(files.sort()).toEqual(['built/base/kustomization.yaml', 'built/base/settings.ini']);
  });

  it('of the working folder lead everywhere below it, and nowhere else', async () => {
    const own = await openFolders(['infrastructure', './apps/', '..']);
    expect(own.labels.slice(0, 2)).toEqual(['infrastructure', 'apps']);
    expect(own.labels[2]).not.toContain('.');
    const { places } = await copied(own, ['infrastructure/gateway']);
    expect(places).toEqual(['infrastructure/gateway']);
    await expect(copied(own, ['../x'])).rejects.toThrow('is in none of the folders');
  });

  it('hold no more than can be judged', async () => {
    for (let at = 0; at <= limits.files; at++) write(`repo/many/${at}.yaml`, '');
    const many = await openFolders([join(root, 'repo/many')]);
    await expect(copied(many, [])).rejects.toThrow('There are more than 5000 manifests');
  });

  it('two folders of one name are told apart', async () => {
    write('repo/other/apps/x.yaml', configMap('x'));
    const both = await openFolders([join(root, 'repo/apps'), join(root, 'repo/other/apps')]);
    expect(both.labels).toEqual(['apps', 'apps-2']);
    expect(await copied(both, ['apps-2/x.yaml'])).toMatchObject({
      places: ['apps-2/x.yaml'],
      files: ['apps-2/x.yaml'],
    });
  });
});

describe('manifests that are judged', () => {
  let judge: Assistant;
  const names = ['apps', 'infra', 'reaching', 'broken', 'leaky'];
  beforeAll(async () => {
    judge = await assistant(['--manifests', ...names.map((name) => join(root, 'repo', name))]);
  });
  afterAll(() => judge.close());

  it('are told with file and line, as seen from the folder', async () => {
    const { isError, text, structured } = await judge.call('judge_manifests', { paths: ['apps'] });
    expect(isError, text).toBe(false);
    const findings = reportSchema.parse(structured['report']).checks.flatMap((check) => check.findings);
    const unknownField = findings.find(({ message }) => message.includes('unknown field "dta"'));
    expect(unknownField?.evidence[0]?.source).toMatchObject({ file: 'apps/one.yaml' });
    expect(unknownField?.remedies[0]?.commands).toEqual([
      'kubectl apply --dry-run=server --validate=strict -f apps/one.yaml',
    ]);
    expect(text).toContain('> *the manifests in apps;');
    expect(text).toMatch(/Left out: \d+ checks that only a cluster can decide/);
  });

  it('are those of the folder alone, whatever a kustomization names', async () => {
    for (const paths of [['reaching'], ['reaching/kustomization.yaml'], ['reaching/flux-beside.yaml']]) {
      const { whole } = await judge.call('judge_manifests', { paths });
      expect(whole).not.toContain('outsideField');
      expect(whole).not.toContain(canary);
    }
  });

  it('and hold values of Secrets that nobody is told', async () => {
    const { whole, isError } = await judge.call('judge_manifests', { paths: ['broken'] });
    expect(isError).toBe(false);
    expect(whole).not.toContain(canary);
    expect(whole).not.toContain('12345678');
  });

  it('no answer says where on this machine they are', async () => {
    const answers = await Promise.all(
      [{ paths: ['apps', 'infra'] }, {}, { paths: ['apps/nothing'] }, { paths: ['leaky'] }, { paths: ['../x'] }].map(
        (given) => judge.call('judge_manifests', given),
      ),
    );
    const told = answers.map(({ text }) => text.slice(0, 400)).join('\n\n');
    expect(
      answers.map(({ isError }) => isError),
      told,
    ).toEqual([false, false, true, false, true]);
    for (const { whole } of answers) {
      expect(whole).not.toContain(root);
      expect(whole).not.toContain(resolve('.'));
      expect(whole).not.toMatch(/runbook-[A-Za-z0-9]+-\d+-/);
    }
  });

  it('leave no copy behind', () => {
    expect(judge.left()).toEqual([]);
  });

  it('no cluster is asked beside them, for none was named', async () => {
    const { isError, text } = await judge.call('run_runbooks');
    expect(isError).toBe(true);
    expect(text).toContain('No cluster was chosen');
    expect((await judge.call('list_runbooks')).text).toContain('No cluster was chosen');
  });

  it('that are mended are fixed in a comparison', async () => {
    const before = await judge.call('judge_manifests', { paths: ['infra', 'apps'] });
    write('repo/apps/one.yaml', configMap('one', 'data: {}\n'));
    const after = await judge.call('judge_manifests', { paths: ['infra', 'apps'] });
    const { structured } = await judge.call('compare_runs', {
      older: before.structured['run'],
      newer: after.structured['run'],
    });
    expect(structured['introduced']).toEqual([]);
    expect(structured['fixed']).toMatchObject([{ object: { kind: 'ConfigMap', namespace: 'default', name: 'one' } }]);
  });
});

describe('what cannot be opened', () => {
  it.each([
    [['--kubeconfig', join(root, 'private', 'kubeconfig.yaml')]],
    [['--snapshot', join(root, 'private', 'snapshot.json')]],
    [['--snapshot', join(root, 'repo', 'apps', 'notes.txt')]],
    [[]],
  ])('%j is told to the assistant without its place and its content', async (args) => {
    const { call, said, close } = await assistant(args, { env: { KUBECONFIG: join(root, 'private', 'config') } });
    const { isError, text } = await call('run_runbooks');
    expect(isError).toBe(true);
    expect(text.length).toBeGreaterThan(20);
    expect(text).not.toContain(root);
    expect(text).not.toContain('private');
    expect(text).not.toContain(canary);
    expect(text).not.toMatch(/\s+at |\.ts/);
    expect(said()).toMatch(/^run_runbooks: /);
    await close();
  });

  it('a kubeconfig’s token and place are in no answer, whatever the server says', async () => {
    const file = join(root, 'private-config');
    const token = 'tok-3f9c2b1d7a';
    writeFileSync(
      file,
      `apiVersion: v1\nkind: Config\nclusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]\nusers: [{ name: someone@example.org, user: { token: ${token} } }]\ncontexts: [{ name: home, context: { cluster: c, user: someone@example.org } }]\ncurrent-context: home\n`,
    );
    const { call, close } = await assistant(['--kubeconfig', file, '--cluster-only']);
    const { isError, whole } = await call('run_runbooks', { runbooks: ['gateway-not-programmed'] });
    expect(isError).toBe(false);
    expect(whole).toContain('home');
    for (const secret of [token, root, 'someone@example.org']) expect(whole).not.toContain(secret);
    await close();
  });
});

describe('places of this machine', () => {
  it('are called by another name wherever they stand, the longer one first', () => {
    const renamed = createRenaming([
      { path: '/home/me', told: '~' },
      { path: '/home/me/repo/apps', told: 'apps' },
    ]);
    expect(renamed({ a: ['in /home/me/repo/apps/x.yaml:3'], '/home/me': 1 })).toEqual({
      a: ['in apps/x.yaml:3'],
      '/home/me': 1,
    });
    expect(renamed('/home/me/repo/apps, /home/me/repo/apps-2, /home/meg')).toBe('apps, ~/repo/apps-2, /home/meg');
  });

  it('are left out of messages, addresses are not', () => {
    expect(withoutPaths('The file /home/me/.kube/config cannot be read (ENOENT).')).toBe(
      'The file …/config cannot be read (ENOENT).',
    );
    expect(withoutPaths('C:\\Users\\me\\config and https://example.org/a/b and apps/x/y.yaml')).toBe(
      '…/config and https://example.org/a/b and apps/x/y.yaml',
    );
    expect(withoutPaths('token=abcdef123456')).not.toContain('abcdef');
  });
});
