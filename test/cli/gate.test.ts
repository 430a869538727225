/** The gate of a pull request: what action.yml runs, in a repository with a base and a change. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeFolder } from '../support/manifests.ts';

interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: {
    using: string;
    steps: { id?: string; uses?: string; shell?: string; run?: string; env?: Record<string, string> }[];
  };
}
const action = parse(readFileSync('action.yml', 'utf8')) as Action;
const judging = action.runs.steps.find(({ id }) => id === 'judge');

const root = resolve('.');
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
const service = (name: string, port = 80): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ports: [{ port: ${port} }] }\n`;
const wrong = service('Wrong_name');

function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** A repository with one commit for each set of files; a file of null goes. */
function repository(...commits: readonly Readonly<Record<string, string | null>>[]): string {
  const folder = writeFolder({});
  git(folder, 'init', '--quiet');
  for (const files of commits) {
    for (const [path, content] of Object.entries(files)) {
      if (content === null) rmSync(join(folder, path));
      else writeFolder({ [path]: content }, folder);
    }
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'A change');
  }
  return folder;
}

/** Runs the action's own step, as a runner does. */
function gate(
  folder: string,
  inputs: Readonly<Record<string, string>>,
  context: Readonly<Record<string, string>> = {},
) {
  const temporary = mkdtempSync(join(tmpdir(), 'gate-test-'));
  const [summary, output] = [join(temporary, 'summary'), join(temporary, 'output')];
  writeFileSync(summary, '');
  writeFileSync(output, '');
  const given = Object.fromEntries(
    Object.entries(judging?.env ?? {}).flatMap(([name, value]) => {
      const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value)?.[1];
      if (input === undefined) return [];
      const usual = action.inputs[input]?.default ?? '';
      return [[name, inputs[input] ?? (usual.startsWith('${{') ? '' : usual)]];
    }),
  );
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', judging?.run ?? 'exit 99'], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      // Compiled once for all of them.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/handbook'),
      ...given,
      ...{ GITHUB_ACTION_PATH: root, GITHUB_WORKSPACE: folder, RUNNER_TEMP: temporary },
      ...{ GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output },
      ...context,
    },
  });
  const outputs = Object.fromEntries(
    readFileSync(output, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { status, stdout, stderr, outputs, summary: readFileSync(summary, 'utf8') };
}

const annotations = (stdout: string): readonly string[] =>
  stdout.split('\n').filter((line) => /^::(?:error|warning) /.test(line));

describe('action.yml', () => {
  it('puts nothing from outside into a script, and uses every input', () => {
    for (const { run = '', uses } of action.runs.steps) {
      expect(run).not.toContain('${{');
      expect(uses).toBeUndefined();
    }
    expect(Object.values(judging?.env ?? {}).flatMap((value) => /inputs\.([\w-]+)/.exec(value)?.[1] ?? [])).toEqual(
      Object.keys(action.inputs),
    );
    expect(JSON.stringify(action)).not.toMatch(/secrets|token:/i);
  });

  it('gives what the script writes', () => {
    const folder = repository({ 'apps/a.yaml': namespace });
    const { outputs } = gate(folder, { paths: 'apps' });
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(action.outputs).sort());
    for (const [name, { value }] of Object.entries(action.outputs))
      expect(value).toBe(`\${{ steps.judge.outputs.${name} }}`);
  });
});

describe('a change', () => {
  it('is told what it introduces and fixes, at its lines, whatever was wrong before', () => {
    const folder = repository(
      { 'apps/old.yaml': service('Old_name'), 'apps/gone.yaml': service('Gone_name'), 'apps/a.yaml': namespace },
      // What was wrong before moves to other lines.
      { 'apps/old.yaml': `# A comment.\n${service('Old_name')}`, 'apps/gone.yaml': null, 'apps/new.yaml': wrong },
    );
    const { status, stdout, summary, outputs } = gate(folder, { paths: 'apps', base: 'HEAD~1' });
    expect(annotations(stdout)).toHaveLength(1);
    expect(annotations(stdout)[0]).toMatch(
      /^::error file=apps\/new\.yaml,line=3,col=13,title=Service shop\/Wrong_name would be refused::metadata\.name: Invalid value: "Wrong_name"/,
    );
    expect(summary).toContain('**1 introduced (1 failed, 0 only warn), 1 fixed, 1 unchanged.**');
    expect(summary).toContain('- ✓ Service shop/Gone_name would be refused (`apps/gone.yaml:3:13`');
    expect(outputs).toMatchObject({ introduced: '1', fixed: '1' });
    expect(status).toBe(1);
    const sarif = JSON.parse(readFileSync(outputs['sarif'] ?? '', 'utf8')) as {
      runs: { results: { ruleId: string }[] }[];
    };
    // Whoever keeps them compares by itself.
    expect(sarif.runs[0]?.results.filter(({ ruleId }) => ruleId.endsWith('#refused'))).toHaveLength(2);
    expect(git(folder, 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('that breaks nothing passes, however much is wrong already, unless any is to fail', () => {
    const folder = repository({ 'apps/old.yaml': wrong }, { 'apps/a.yaml': namespace });
    const { status, stdout } = gate(folder, { paths: 'apps', base: 'HEAD~1' });
    expect(annotations(stdout)).toEqual([]);
    expect(status).toBe(0);
    expect(gate(folder, { paths: 'apps', base: 'HEAD~1', 'fail-on': 'any' }).status).toBe(1);
  });

  it('that breaks something passes where nothing is to fail', () => {
    const folder = repository({ 'apps/a.yaml': namespace }, { 'apps/new.yaml': wrong });
    const { status, stdout } = gate(folder, { paths: 'apps', base: 'HEAD~1', 'fail-on': 'never' });
    expect(annotations(stdout)).toHaveLength(1);
    expect(status).toBe(0);
  });

  it('is compared with where it left its base, not with what came there since', () => {
    const folder = repository({ 'apps/a.yaml': namespace, 'apps/old.yaml': wrong });
    git(folder, 'checkout', '--quiet', '-b', 'topic');
    writeFolder({ 'apps/b.yaml': service('b') }, folder);
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--message', 'Topic');
    git(folder, 'checkout', '--quiet', 'main');
    git(folder, 'rm', '--quiet', 'apps/old.yaml');
    git(folder, 'commit', '--quiet', '--message', 'Mended meanwhile');
    git(folder, 'checkout', '--quiet', 'topic');
    expect(gate(folder, { paths: 'apps', base: 'main' })).toMatchObject({ status: 0, outputs: { introduced: '0' } });
    // GitHub checks out the merge of both, and says so.
    git(folder, 'merge', '--quiet', '--no-edit', 'main');
    git(folder, 'checkout', '--quiet', '--detach', 'main');
    git(folder, 'merge', '--quiet', '--no-ff', '--no-edit', 'topic~1');
    const event = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_SHA: git(folder, 'rev-parse', 'HEAD') };
    expect(gate(folder, { paths: 'apps', base: 'topic~2' }, event)).toMatchObject({
      status: 0,
      outputs: { introduced: '0', fixed: '0' },
    });
  });

  it('fetches a base that a shallow checkout did not bring', () => {
    const origin = repository({ 'apps/old.yaml': wrong }, { 'apps/a.yaml': namespace });
    git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const folder = join(writeFolder({}), 'clone');
    git(origin, 'clone', '--quiet', '--depth=1', `file://${origin}`, folder);
    const base = git(origin, 'rev-parse', 'HEAD~1');
    expect(gate(folder, { paths: 'apps', base })).toMatchObject({ status: 0, outputs: { introduced: '0' } });
  });

  it.each([
    ['no base', ''],
    ['the commit before a branch was there', '0'.repeat(40)],
    ['a base that is nowhere', 'f'.repeat(40)],
  ])('with %s is told all that is found', (_title, base) => {
    const folder = repository({ 'apps/old.yaml': wrong });
    const { status, stdout, outputs, summary } = gate(folder, { paths: 'apps', base });
    expect(annotations(stdout)).toHaveLength(1);
    expect(outputs).toMatchObject({ introduced: '1', fixed: '0' });
    expect(summary).toContain('### In Git');
    expect(status).toBe(1);
  });

  it('that brings the first manifests introduces what is wrong with them', () => {
    const folder = repository({ 'README.md': 'Nothing yet.\n' }, { 'apps/new.yaml': wrong });
    expect(gate(folder, { paths: 'apps', base: 'HEAD~1' })).toMatchObject({ status: 1, outputs: { introduced: '1' } });
  });

  it('may accept what it introduces, until a date', () => {
    const entry = (until: string): string =>
      `- finding: app-service/manifests-are-valid#refused\n  object: Service shop/Wrong_name\n  reason: It is renamed later.\n  until: ${until}\n`;
    const folder = repository(
      { 'apps/a.yaml': namespace },
      { 'apps/new.yaml': wrong, 'accepted.yaml': entry('2999-12-31'), 'past.yaml': entry('2020-01-01') },
    );
    const accepted = gate(folder, { paths: 'apps', base: 'HEAD~1', accept: 'accepted.yaml' });
    expect(accepted).toMatchObject({ status: 0, outputs: { introduced: '0' } });
    expect(accepted.summary).toContain('until 2999-12-31: It is renamed later.');
    const past = gate(folder, { paths: 'apps', base: 'HEAD~1', accept: 'past.yaml' });
    expect(past.status).toBe(1);
    expect(past.stderr).toContain('past.yaml:1: the date has passed (2020-01-01)');
  });

  it('links to the author’s commit', () => {
    const folder = repository({ 'apps/a.yaml': namespace }, { 'apps/new.yaml': wrong });
    const { summary } = gate(
      folder,
      { paths: 'apps', base: 'HEAD~1' },
      {
        GITHUB_SERVER_URL: 'https://github.example',
        GITHUB_REPOSITORY: 'a/b',
        HANDBOOK_SHA: 'abc',
      },
    );
    expect(summary).toContain('[`apps/new.yaml:3:13`](https://github.example/a/b/blob/abc/apps/new.yaml#L3)');
  });
});

describe('what is given', () => {
  it('reaches no shell and no command of the runner, whatever it holds', () => {
    const folder = repository({
      'apps/a.yaml': namespace,
      'apps/$(touch owned)/::error::x/Chart.yaml': 'name: a\n',
      'apps/##[set-output name=sarif]x.yaml': wrong,
    });
    const { status, stdout, stderr, outputs } = gate(folder, { paths: 'apps\n$(touch owned)\n`touch owned`' });
    expect(status).toBe(66);
    expect(stderr).toContain('There is no file or folder $(touch owned).');
    expect(existsSync(join(folder, 'owned'))).toBe(false);
    expect(outputs).toEqual({});
    expect(stdout).toBe('::error title=Runbooks::The manifests cannot be judged; the log says why.\n');
    const judged = gate(folder, { paths: 'apps' });
    expect(existsSync(join(folder, 'owned'))).toBe(false);
    const [, token = 'none'] = /^::stop-commands::(\S+)$/m.exec(judged.stderr) ?? [];
    const [before, inside, after] = judged.stderr.split(new RegExp(`^::(?:stop-commands::)?${token}(?:::)?$`, 'm'));
    expect(inside).toContain('is a Helm chart');
    expect(`${before ?? ''}${after ?? ''}`).not.toContain('is a Helm chart');
    expect(annotations(judged.stdout)[0]).toMatch(/^::error file=apps\/##\[set-output name=sarif\]x\.yaml,line=3,/);
  });

  it.each([
    [{}, 'No path is given.'],
    [{ paths: '--kubeconfig=x' }, '--kubeconfig=x is not a path within the repository.'],
    [{ paths: '/etc' }, '/etc is not a path within the repository.'],
    [{ paths: 'apps', 'fail-on': 'all' }, 'fail-on cannot be all. It takes introduced, any, never.'],
    [{ paths: 'apps', base: '--upload-pack=x' }, '--upload-pack=x is not a commit.'],
  ])('%j is refused, and told why', (inputs, says) => {
    const folder = repository({ 'apps/a.yaml': namespace });
    const { status, stderr } = gate(folder, inputs);
    expect(stderr.replace(/\s+/g, ' ')).toContain(says);
    expect(status).toBe(64);
  });
});

describe('tools/pre-commit.sh', () => {
  const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8')) as {
    entry: string;
    args: string[];
    language: string;
  }[];
  const hook = (folder: string, args: readonly string[]) =>
    spawnSync(join(root, hooks[0]?.entry ?? ''), [...args], { cwd: folder, encoding: 'utf8' });

  it('stops a commit that breaks something, and none for what only a cluster can tell', () => {
    const folder = writeFolder({ 'a/namespace.yaml': namespace, 'b/service.yaml': wrong });
    expect(hook(folder, ['a']).status).toBe(0);
    expect(hook(folder, hooks[0]?.args ?? []).status).toBe(1);
    expect(hook(folder, ['b']).stdout).toContain('✗ ROOT CAUSE  b/service.yaml:3:13');
  });

  it('takes options after the folders, and passes refusals on', () => {
    const folder = writeFolder({ 'b/service.yaml': wrong });
    expect(hook(folder, ['b', '-o', 'json']).stdout).toMatch(/^\{/);
    expect(hook(folder, ['nowhere']).status).toBe(66);
  });
});
