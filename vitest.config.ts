import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What starts programs: the terminal, kubectl, nginx, a shell, a server of its own. Apart from the others, for it takes more time than all of
 * them; those of the second list are about the stack of whoever has this handbook.
 */
const programs = [
  'test/assistant/*.test.ts',
  'test/cli/*.test.ts',
  'test/demo/kubectl*.test.ts',
  'test/demo/temporary.test.ts',
  'test/runbooks/hostile.test.ts',
  'test/server/start.test.ts',
];
const programsOfOwner = [
  'test/content/*.test.ts',
  'test/demo/manifests.test.ts',
  // Some remedies apply the manifests in Git.
  'test/demo/remedies.test.ts',
  'test/site/hosting/hosts.test.ts',
  'test/site/rebuild.test.ts',
];

/** What is about the stack of whoever has this handbook: manifests, recordings, and the site that was built. */
const ofOwner = [
  'test/apps/**/*.test.ts',
  'test/recording/*.test.ts',
  'test/manifests/repository.test.ts',
  'test/site/**/*.test.ts',
];

/** What is true of the owner's stack has to be true of any other: these run once more with other names for everything. */
const ofAnyStack = ['test/stacks/*.test.ts', 'test/demo/homelab.test.ts', 'test/sources/faults.test.ts'];

/** And of one that lacks every part that a stack may lack; `test/parts` asks that nothing speaks of them. */
const ofLeanStack = ['test/parts/*.test.ts', 'test/sources/faults.test.ts'];

/** A slow machine of somebody else's blocks no change: what passes only when tried again is named at the end of `npm test`. */
const retry = process.env['CI'] === undefined ? 0 : 1;

const longest = ['test/demo/remedies.test.ts', 'test/content/followed.test.ts', 'test/demo/kubectl.test.ts'];

/** What takes longest comes first, and what is short last, so that no worker is left alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = longest.findIndex((file) => moduleId.endsWith(file));
      if (at !== -1) return at;
      return longest.length + (project.name.startsWith('programs') ? 0 : 1);
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

/** Tests whose `#stack` is the one that package.json has under a condition, in what they start, too. */
const under = (condition: string) => ({
  resolve: { conditions: [condition] },
  ssr: { resolve: { conditions: [condition, ...defaultServerConditions] } },
  env: { NODE_OPTIONS: `--conditions=${condition}` },
});

const { env: fixtures, ...handbookTest } = under('handbook-test');
const { env: other, ...handbookOther } = under('handbook-other');
const { env: lean, ...handbookLean } = under('handbook-lean');

export default defineConfig({
  test: {
    // No test changes what others see: nothing is mocked, and no global is set. So a worker keeps the modules that it has loaded.
    isolate: false,
    // Some tests start kubectl or a whole server; a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One for each core: some tests wait for a process or a server, and one more would have those with a deadline of their own miss it.
    maxWorkers: availableParallelism(),
    maxConcurrency: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'the owner’s stack', include: ofOwner, exclude: programsOfOwner } },
      { extends: true, test: { name: 'programs, the owner’s stack', include: programsOfOwner, retry } },
      {
        extends: true,
        ...handbookTest,
        test: {
          name: 'handbook',
          include: ['test/**/*.test.ts'],
          exclude: [...ofOwner, ...programs, ...programsOfOwner, 'test/stacks/*.test.ts', 'test/parts/*.test.ts'],
          env: fixtures,
        },
      },
      { extends: true, ...handbookTest, test: { name: 'programs', include: programs, env: fixtures, retry } },
      { extends: true, ...handbookOther, test: { name: 'another stack', include: ofAnyStack, env: other } },
      { extends: true, ...handbookLean, test: { name: 'a lean stack', include: ofLeanStack, env: lean } },
    ],
  },
});
