/** Selections: followed from an object to the pods and other objects whose labels it asks for. */
import { describe, expect, it } from 'vitest';
import { podLabels, selectedOf, selectionsOf, takesLabels } from '../../src/kinds/selections.ts';

const pod = (name: string, labels?: Readonly<Record<string, string>>, namespace = 'n') => ({
  ...{ kind: 'Pod', metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) } },
});
const of = (kind: string, spec: object) =>
  selectionsOf({ kind, metadata: { name: 'a', namespace: 'n' }, spec } as never);

describe('what an object selects', () => {
  it('is told by the labels of a Service, which without any selects nothing', () => {
    const [selected] = of('Service', { selector: { app: 'web' } });
    if (selected === undefined) throw new Error('The Service selects nothing.');
    const pods = [pod('one', { app: 'web', tier: 'a' }), pod('two', { app: 'api' }), pod('three', { app: 'web' }, 'm')];
    expect(selectedOf(selected, pods).map(({ metadata }) => metadata.name)).toEqual(['one']);
    expect(of('Service', { selector: {} })).toEqual([]);
    expect(of('Service', {})).toEqual([]);
  });

  it('is told by a LabelSelector, which selects everything when it is empty', () => {
    const [selected] = of('NetworkPolicy', { podSelector: {} });
    expect(
      selected && selectedOf(selected, [pod('one'), pod('two', { app: 'api' }), pod('three', {}, 'm')]),
    ).toHaveLength(2);
    const [some] = of('PodDisruptionBudget', { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } });
    expect(some && [{ app: 'x' }, {}, undefined].map((labels) => takesLabels(some, labels))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('may be Namespaces, which are in none', () => {
    const namespaces = { from: 'Selector', selector: { matchLabels: { shared: 'yes' } } };
    expect(of('Gateway', { listeners: [{ name: 'a' }, { name: 'b', allowedRoutes: { namespaces } }] })).toMatchObject([
      { kind: 'Namespace', namespace: '', path: ['spec', 'listeners', 1, 'allowedRoutes', 'namespaces', 'selector'] },
    ]);
  });

  it('may be of a kind that the selector tells', () => {
    expect(
      of('SecurityPolicy', { targetSelectors: [{ kind: 'HTTPRoute', matchLabels: { team: 'a' } }] }),
    ).toMatchObject([{ kind: 'HTTPRoute', namespace: 'n' }]);
    expect(of('SecurityPolicy', { targetSelectors: [{ matchLabels: {} }] })).toEqual([]);
  });
});

describe('the labels of pods', () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: {} };
  it.each([
    ['Deployment', { template }],
    ['CronJob', { jobTemplate: { spec: { template } } }],
  ])('of a %s are those of its template', (kind, spec) => {
    expect(podLabels({ kind, metadata: { name: 'a' }, spec } as never)).toEqual({ app: 'web' });
  });

  it('of a pod are its own, and what makes no pods has none', () => {
    expect(podLabels(pod('one', { app: 'web' }))).toEqual({ app: 'web' });
    expect(podLabels(pod('bare'))).toEqual({});
    expect(podLabels({ kind: 'Deployment', metadata: { name: 'a' } })).toEqual({});
    expect(podLabels({ kind: 'Service', metadata: { name: 'a' } })).toBeUndefined();
  });

  it('let a Service be told from the workload behind it', () => {
    const [selected] = of('Service', { selector: { app: 'web' } });
    const workload = { kind: 'StatefulSet', metadata: { name: 'db', namespace: 'n' }, spec: { template } };
    expect(selected && selectedOf(selected, [workload])).toEqual([workload]);
  });
});
