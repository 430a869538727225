/** What GitHub runs: with no more rights than it needs, on the whole history, and publishing only what was tested. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stack } from '../runbooks/stack.ts';

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
  expect(files.map((file) => file.split('/').at(-1))).toEqual(['image.yml', 'pages.yml', 'test.yml']));

describe.each([...workflows])('%s', (file, { permissions, concurrency, jobs, ...rest }) => {
  const steps = stepsOf({ permissions, concurrency, jobs, ...rest });

  it('gives no right to all, and to each job what it needs', () => {
    expect(permissions).toEqual({});
    for (const [name, job] of Object.entries(jobs)) {
      const wanted =
        name === 'image' ? { contents: 'read', packages: 'write', 'id-token': 'write' } : { contents: 'read' };
      expect(job.permissions, name).toEqual(wanted);
    }
  });

  it('runs once for a thing, and not for ever', () => {
    expect(concurrency.group).toContain('${{ github.ref }}');
    for (const job of Object.values(jobs)) expect(job['timeout-minutes'] ?? (job.uses && 1), file).toBeGreaterThan(0);
  });

  it('pins its actions', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/);
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

it('test.yml installs and tests as the README says, for pushes and pull requests', () => {
  const test = workflow('test');
  expect(Object.keys(test.on)).toEqual(expect.arrayContaining(['push', 'pull_request', 'workflow_call']));
  const runs = stepsOf(test).map(({ run }) => run);
  expect(runs.indexOf('npm ci')).toBeGreaterThan(-1);
  expect(runs.indexOf('npm test')).toBeGreaterThan(runs.indexOf('npm ci'));
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
    expect(withSecrets[0]?.run).toContain('wrangler pages deploy');
  });
});

describe('image.yml', () => {
  const { on, jobs } = workflow('image');
  const steps = jobs['image']?.steps ?? [];

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
});
