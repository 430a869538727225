/** A reporter of Vitest: keeps the titles of tests that passed only when they were tried again, as a list in JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter } from 'vitest/node';

export const flakyFile = 'test-results/unit-flaky.json';

export default class Flaky implements Reporter {
  onTestRunEnd: NonNullable<Reporter['onTestRunEnd']> = (modules) => {
    const flaky = modules.flatMap(({ relativeModuleId, children }) =>
      [...children.allTests()]
        .filter((test) => test.diagnostic()?.flaky === true)
        .map(({ fullName }) => `${relativeModuleId} › ${fullName}`),
    );
    mkdirSync(dirname(flakyFile), { recursive: true });
    writeFileSync(flakyFile, JSON.stringify(flaky));
  };
}
