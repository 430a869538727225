/** What follows from a runbook's checks before anything is asked. */
import { describe, expect, it } from 'vitest';
import { defineCheck, pass, type Check } from '../../src/runbook/check.ts';
import { follow, list, object, plain, raw, type Need } from '../../src/runbook/read.ts';
import { clusterReads, defineRunbook, plannedReads, usesProbes, withNeeds } from '../../src/runbook/runbook.ts';
import { sh } from '../../src/runbook/shell.ts';

const check = (
  id: `${string}/${string}`,
  needs: readonly Check[] = [],
  reads: Readonly<Record<string, Need>> = {},
): Check => defineCheck({ id, title: id, why: '', needs, reads, judge: () => pass('Well.') });

const ids = (checks: readonly Check[]): readonly string[] => checks.map(({ id }) => id);

describe('withNeeds', () => {
  it('puts causes before consequences, each once', () => {
    const root = check('a/root');
    const left = check('a/left', [root]);
    const right = check('a/right', [root]);
    const top = check('a/top', [left, right]);
    expect(ids(withNeeds([top, right, root]))).toEqual(['a/root', 'a/left', 'a/right', 'a/top']);
  });

  it('keeps the order that the runbook gives, where needs do not say otherwise', () => {
    expect(ids(withNeeds([check('a/b'), check('a/a'), check('a/c')]))).toEqual(['a/b', 'a/a', 'a/c']);
  });

  it('refuses two checks of the same id', () => {
    expect(() => withNeeds([check('a/one'), check('a/one')])).toThrow(
      'Two checks are called a/one. Give one of them another id.',
    );
  });
});

describe('defineRunbook', () => {
  it('completes the checks and derives the page', () => {
    const root = check('a/root');
    const runbook = defineRunbook({ id: 'x', title: 'X', summary: 'An x.', checks: [check('a/top', [root])] });
    expect(runbook.page).toBe('/issues/x/');
    expect(ids(runbook.checks)).toEqual(['a/root', 'a/top']);
  });
});

describe('plannedReads', () => {
  const pods = list('Pod', 'first');
  const logs = follow({ pods: plain(pods), one: plain(object('ConfigMap', { name: 'c' }, 'x')) }, () => [], {
    why: 'w',
    command: sh`kubectl logs x`,
    permission: 'pods/log',
    probes: false,
  });
  const connects = follow({}, () => [], { why: 'w', command: sh`nc`, probes: true });

  it('names each read once, with what reads follow from', () => {
    const { reads, follows } = plannedReads([
      check('a/one', [], { pods: raw(pods) }),
      check('a/two', [], { pods: plain(list('Pod', 'second')), logs }),
      check('a/three', [], { logs }),
    ]);
    expect(reads.map((read) => `${read.type} ${'kind' in read ? read.kind : ''}`)).toEqual([
      'list Pod',
      'object ConfigMap',
    ]);
    expect(follows.map(({ command }) => command.text)).toEqual(['kubectl logs x']);
  });

  it('tells the cluster’s reads from probes, and which checks probe', () => {
    const tcp = plain({ type: 'tcp', host: 'h', port: 1, why: 'w' } as const);
    expect(clusterReads([check('a/one', [], { tcp, pods: plain(pods) })])).toEqual([pods]);
    expect(usesProbes(check('a/one', [], { pods: plain(pods), logs }))).toBe(false);
    expect(usesProbes(check('a/one', [], { tcp }))).toBe(true);
    expect(usesProbes(check('a/one', [], { connects }))).toBe(true);
    const then = follow({ tcp }, () => [], { why: 'w', command: sh`x`, probes: false });
    expect(usesProbes(check('a/one', [], { then }))).toBe(true);
  });
});
