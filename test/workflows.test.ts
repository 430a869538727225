/** What GitHub runs: with no more rights than it needs, on the whole history, and publishing only what was tested. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stack } from '#stack';

interface Step {
  name?: string;
  id?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}
interface Job {
  needs?: string;
  if?: string;
  uses?: string;
  permissions?: Record<string, string>;
  environment?: Record<string, string>;
  outputs?: Record<string, string>;
  'runs-on'?: string;
  strategy?: { matrix: Record<string, unknown[]> };
  'timeout-minutes'?: number;
  steps?: Step[];
}
interface Workflow {
  on: Record<string, { branches?: string[]; tags?: string[] } | null>;
  permissions: Record<string, string>;
  concurrency: { group: string };
  jobs: Record<string, Job>;
}

const files = globSync('.github/workflows/*.yml').sort();
const workflows = new Map(files.map((file) => [file, parse(readFileSync(file, 'utf8')) as Workflow]));

const workflow = (name: string): Workflow => {
  const found = workflows.get(`.github/workflows/${name}.yml`);
  if (!found) throw new Error(`There is no workflow ${name}.`);
  return found;
};
const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps = [] }) => steps);

it('are these', () =>
  expect(files.map((file) => file.split('/').at(-1))).toEqual(['image.yml', 'pages.yml', 'test.yml', 'thorough.yml']));

/** What a job may do beside reading the repository. */
const rights: Readonly<Record<string, Record<string, string>>> = {
  image: { contents: 'read', packages: 'write', 'id-token': 'write' },
  release: { contents: 'write', attestations: 'write', 'id-token': 'write' },
};

/** `uses: OWNER/NAME@COMMIT # v1.2.3`: what runs is one commit, whatever becomes of the tag; the comment is for people and the update bot. */
const pinned = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
const pinnedImage = /^docker:\/\/[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;
const usesIn = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, used]) => used ?? '');

describe.each([...workflows])('%s', (file, { permissions, concurrency, jobs, ...rest }) => {
  const steps = stepsOf({ permissions, concurrency, jobs, ...rest });

  it('gives no right to all, and to each job what it needs', () => {
    expect(permissions).toEqual({});
    for (const [name, job] of Object.entries(jobs)) {
      expect(job.permissions, name).toEqual(rights[name] ?? { contents: 'read' });
    }
  });

  it('runs once for a thing, and not for ever', () => {
    expect(concurrency.group).toContain('${{ github.ref }}');
    for (const job of Object.values(jobs)) expect(job['timeout-minutes'] ?? (job.uses && 1), file).toBeGreaterThan(0);
  });

  it('runs foreign actions by commit and images by digest', () => {
    const foreign = usesIn(file).filter((used) => !used.startsWith('./'));
    expect(foreign.filter((used) => !pinned.test(used) && !pinnedImage.test(used))).toEqual([]);
    expect(foreign).toHaveLength(steps.filter(({ uses }) => uses !== undefined).length);
  });

  it('refers to jobs and steps that there are', () => {
    for (const [name, job] of Object.entries(jobs)) {
      const text = JSON.stringify(job);
      const ids = (job.steps ?? []).map(({ id }) => id);
      for (const [, id] of text.matchAll(/\bsteps\.(\w+)\./g)) expect(ids, `${name}: steps.${id ?? ''}`).toContain(id);
      for (const [, id] of text.matchAll(/\bneeds\.(\w+)\./g)) {
        expect(job.needs, `${name}: needs.${id ?? ''}`).toBe(id);
        expect(Object.keys(jobs)).toContain(id);
      }
      for (const [, id, output = ''] of text.matchAll(/\bneeds\.(\w+)\.outputs\.(\w+)/g))
        expect(jobs[id ?? '']?.outputs, name).toHaveProperty(output);
      for (const [, key] of text.matchAll(/\bmatrix\.(\w+)/g))
        expect(Object.keys(job.strategy?.matrix ?? {}), name).toContain(key);
    }
  });

  it('reads the whole history and keeps no credentials', () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toMatchObject({ 'fetch-depth': 0, 'persist-credentials': false });
  });

  it('puts nothing from outside into a script', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  it('is not one that runs a stranger’s code with our rights', () => {
    expect(Object.keys(rest.on)).not.toContain('pull_request_target');
  });
});

it('each action is the same commit wherever it is used', () => {
  const commits = new Map<string, Set<string>>();
  for (const used of files.flatMap(usesIn)) {
    const [action = '', commit = ''] = used.split('@');
    commits.set(action, (commits.get(action) ?? new Set()).add(commit));
  }
  expect([...commits].filter(([, all]) => all.size > 1).map(([action]) => action)).toEqual([]);
});

describe('test.yml', () => {
  const { on, jobs } = workflow('test');
  const runsOf = (name: string): readonly string[] => (jobs[name]?.steps ?? []).map(({ run }) => run ?? '');

  it('installs and tests as the README says, for pushes and pull requests', () => {
    expect(Object.keys(on)).toEqual(expect.arrayContaining(['push', 'pull_request', 'workflow_call']));
    expect(runsOf('test').slice(-2)).toEqual(['npm ci', 'npm test']);
  });

  it('on every Node that may start the project', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
    const versions = jobs['test']?.strategy?.matrix['node'] ?? [];
    expect(versions).toEqual([20, 22, 24]);
    expect(engines.node).toBe(`>=${String(versions[0])}`);
    expect(readFileSync('.node-version', 'utf8')).toMatch(new RegExp(`^${String(versions.at(-1))}\\.`));
  });

  it('starts and tests on macOS', () => {
    expect(jobs['macos']?.['runs-on']).toMatch(/^macos-\d+$/);
    const runs = runsOf('macos');
    for (const command of ['npm ci', 'npm start &', 'npm run build', 'npm run test:unit', 'npm run test:programs'])
      expect(
        runs.findIndex((run) => run.startsWith(command)),
        command,
      ).toBeGreaterThan(-1);
  });

  it('looks at the workflows themselves', () => {
    const used = (jobs['workflows']?.steps ?? []).map(({ uses = '' }) => uses.split('@')[0]);
    expect(used).toContain('docker://rhysd/actionlint:1.7.12');
    expect(used).toContain('zizmorcore/zizmor-action');
  });
});

it('what goes out was tested', () => {
  for (const [name, job] of [
    ['pages', 'publish'],
    ['image', 'image'],
  ] as const) {
    const { jobs } = workflow(name);
    expect(jobs['test']?.uses).toBe('./.github/workflows/test.yml');
    expect(jobs[job]?.needs).toBe('test');
  }
  expect(workflow('image').jobs['release']?.needs).toBe('image');
});

it('what goes out holds nothing from a cache, which other runs can write', () => {
  const jobs = [workflow('pages').jobs['publish'], workflow('image').jobs['image'], workflow('image').jobs['release']];
  const nodes = jobs.flatMap((job) => (job?.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/setup-node@')));
  expect(nodes).toHaveLength(3);
  for (const { with: options } of nodes) {
    expect(options).toEqual({ 'node-version-file': '.node-version', 'package-manager-cache': false });
  }
  expect(JSON.stringify(jobs)).not.toMatch(/actions\/cache|cache-(from|to)/);
});

describe('pages.yml', () => {
  const { on, jobs } = workflow('pages');
  const publish = jobs['publish'];

  it('publishes main, and previews of pull requests from this repository', () => {
    expect(on['push']).toEqual({ branches: [stack.site.branch] });
    expect(on).toHaveProperty('pull_request');
    expect(publish?.if).toContain('head.repo.full_name == github.repository');
    expect(publish?.environment).toMatchObject({ url: '${{ steps.publish.outputs.url }}' });
  });

  it('shows its secrets to the one step that publishes', () => {
    const withSecrets = publish?.steps?.filter((step) => JSON.stringify(step).includes('secrets.')) ?? [];
    expect(withSecrets.map(({ id }) => id)).toEqual(['publish']);
    expect(withSecrets[0]?.run).toContain('wrangler -- pages deploy');
    // wrangler is installed when it is first asked for, and what runs then should find no secret.
    const before = publish?.steps?.findIndex(({ run }) => run === 'npm run --silent wrangler -- --version') ?? -1;
    expect(before).toBeGreaterThan(-1);
    expect(before).toBeLessThan(publish?.steps?.findIndex(({ id }) => id === 'publish') ?? -1);
  });
});

describe('image.yml', () => {
  const { on, jobs } = workflow('image');
  const steps = jobs['image']?.steps ?? [];
  const release = jobs['release']?.steps ?? [];

  it('builds the image of a version tag, from this repository’s Dockerfile', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
    const build = steps.find(({ uses }) => uses?.startsWith('docker/build-push-action@'));
    expect(build?.with).toMatchObject({
      file: 'apps/docs/Dockerfile',
      context: '.',
      provenance: 'mode=max',
      sbom: true,
    });
  });

  it('signs what it has built, by its digest', () => {
    const sign = steps.at(-1);
    expect(sign?.run).toBe('cosign sign --yes "$IMAGE@$DIGEST"');
    expect(sign?.env).toEqual({ DIGEST: '${{ steps.build.outputs.digest }}' });
  });

  it('builds no version that the changelog does not tell of', () => {
    const asked = steps.findIndex(({ run }) => run === 'node tools/release-notes.ts "$GITHUB_REF_NAME"');
    expect(asked).toBeGreaterThan(-1);
    expect(asked).toBeLessThan(steps.findIndex(({ id }) => id === 'build'));
  });

  it('lists every package with the release, and signs that list for the image', () => {
    const runs = release.map(({ run }) => run ?? '');
    const listed = runs.findIndex((run) => run.startsWith('npm sbom --package-lock-only --sbom-format cyclonedx'));
    const signed = release.findIndex(({ uses }) => uses?.startsWith('actions/attest@'));
    expect(listed).toBeGreaterThan(-1);
    expect(signed).toBeGreaterThan(listed);
    expect(release[signed]?.with).toEqual({
      'subject-name': '${{ env.IMAGE }}',
      'subject-digest': '${{ needs.image.outputs.digest }}',
      'sbom-path': '${{ env.SBOM }}',
    });
    expect(runs.at(-1)).toMatch(/gh release create "\$GITHUB_REF_NAME" --verify-tag .* "\$SBOM"/);
  });

  it('installs nothing beside the right to write to the repository', () => {
    for (const { run = '' } of release) expect(run).not.toMatch(/npm (ci|install|run)|npx/);
  });
});
