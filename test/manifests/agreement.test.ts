/** How far what is said of manifests, and what the demo's controller writes, agrees with the real Envoy Gateway. Skipped by name without its cases. */
import { beforeAll, describe, expect, it } from 'vitest';
import { agreementOn, figures, type Agreement } from '../support/agreement.ts';
import { goldens, goldensFolder } from '../support/goldens.ts';

const all = goldens();

describe.skipIf(all.length === 0)(`Envoy Gateway’s own cases (${goldensFolder})`, () => {
  let found: Agreement;
  beforeAll(async () => {
    found = await agreementOn(all);
    const told = (title: string, lines: readonly string[]): string =>
      [`${title}: ${lines.length}`, ...lines].join('\n  ');
    console.log(
      [
        figures(found),
        told('Refused, and not named', found.unnamed),
        told('Accepted, and not quiet', found.loud),
        told('Conditions that differ', found.differing),
      ].join('\n'),
    );
  }, 600_000);

  it('are judged as the controller does, where it refuses something', () => {
    expect(found.named).toBeGreaterThanOrEqual(16);
  });
  it('are left alone where it accepts everything', () => {
    expect(found.quiet).toBeGreaterThanOrEqual(66);
  });
  it('have the conditions that the controller writes', () => {
    expect(found.conditions - found.alike).toBe(0);
    expect(found.refusals - found.alikeRefusals).toBe(0);
    expect(found.added).toBe(0);
  });
});
