/** What every check and every runbook owes its reader. */
import { describe, expect, it } from 'vitest';
import { components } from '../../runbooks/components.ts';
import { runbooks } from '../../runbooks/index.ts';
import type { Check } from '../../src/runbook/check.ts';
import { kinds, type KindName } from '../../src/runbook/kinds.ts';
import { isProbe } from '../../src/runbook/read.ts';
import { checkCommands } from '../../src/runbook/conclude.ts';
import { allChecks } from '../support/examine.ts';

const named = allChecks.map((check) => ({ id: check.id, check }));

describe('checks', () => {
  it('have ids of their own', () => {
    expect(new Set(allChecks.map(({ id }) => id)).size).toBe(allChecks.length);
  });

  it('have titles of their own', () => {
    expect(new Set(allChecks.map(({ title }) => title)).size).toBe(allChecks.length);
  });

  describe.each(named)('$id', ({ check }) => {
    it('is called after its component', () => {
      expect(check.id).toMatch(/^[a-z-]+\/[a-z-]+$/);
      expect(check.id.split('/')[0]).toBe(check.component);
      expect(components.map(({ id }) => id)).toContain(check.component);
    });

    it('has a statement for a title: no question, no full stop, nothing that a reader is told to do', () => {
      expect(check.title).toMatch(/^([A-Z]|cert-manager ).*[^.?!]$/);
      expect(check.title).not.toMatch(/^(Check|Ensure|Verify|Make sure|Is|Are|Does|Do|Has|Have|Can)\b/);
      expect(check.title.split(' ').length).toBeGreaterThan(2);
    });

    it('says why it matters, in a sentence', () => {
      expect(check.why).toMatch(/^[A-Z].{20,}\.$/);
    });

    it('can be made by hand, by reading commands only', () => {
      const commands = checkCommands(check);
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        expect(command).not.toMatch(
          /kubectl (apply|annotate|create|delete|drain|edit|label|patch|replace|rollout|scale)\b|helm |tailscale (up|set)/,
        );
        expect(command).not.toMatch(/kubectl (get|describe) secrets?\b/);
      }
    });

    it('reads at least one thing, and says why', () => {
      const needs = Object.values(check.reads);
      expect(needs.length).toBeGreaterThan(0);
      for (const need of needs) expect(need.want === 'follow' ? need.describe.why : need.read.why).not.toBe('');
    });
  });
});

describe('kinds that somebody brings along', () => {
  const reads = (check: Check): readonly KindName[] => kindsRead(check.reads);
  /** Every API server has these; Gateway API is of the Kubernetes project, and is brought along all the same. */
  const builtIn: readonly string[] = ['', 'apps', 'batch', 'discovery.k8s.io', 'networking.k8s.io'];
  const isBrought = (kind: KindName): boolean => !builtIn.includes(kinds[kind].group);
  const about = allChecks.filter(({ id }) => id.endsWith('/kinds-installed'));
  const coveredBy = (kind: KindName): Check | undefined => about.find((check) => reads(check).includes(kind));

  /** Cilium's operator registers its kinds by itself, from 1.13 on; without these nothing is overridden and nothing denied. */
  const alone: readonly KindName[] = ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy', 'CiliumNodeConfig'];

  it('are known to be installed, or not, by a check', () => {
    const all = new Set(allChecks.flatMap(reads));
    const brought = [...all].filter(isBrought);
    expect(brought.length).toBeGreaterThan(12);
    expect(brought.filter((kind) => coveredBy(kind) === undefined)).toEqual(alone);
  });

  it('are not asked for where no other check reads them', () => {
    const others = allChecks.filter((check) => !about.includes(check)).flatMap(reads);
    expect(about.flatMap(reads).filter((kind) => isBrought(kind) && !others.includes(kind))).toEqual([]);
  });
});

/** The kinds that needs are about. */
function kindsRead(needs: Check['reads']): readonly KindName[] {
  return Object.values(needs).flatMap((need) => {
    if (need.want === 'follow') return kindsRead(need.first);
    return isProbe(need.read) || need.read.type === 'log' ? [] : [need.read.kind];
  });
}

describe('runbooks', () => {
  it('have ids and pages of their own', () => {
    expect(new Set(runbooks.map(({ id }) => id)).size).toBe(runbooks.length);
    expect(runbooks.map(({ id }) => `/issues/${id}/`)).toEqual(runbooks.map(({ page }) => page));
  });

  it.each(runbooks)('$id: a check’s needs come before it', ({ checks }) => {
    const seen = new Set<string>();
    for (const check of checks) {
      for (const need of check.needs) expect(seen, `${check.id} needs ${need.id}`).toContain(need.id);
      seen.add(check.id);
    }
  });
});
