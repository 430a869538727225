/** By what the items of lists are told apart: in a strategic merge patch, in managedFields, and as the Gateway API's rules have it. */
import { describe, expect, it } from 'vitest';
import { listTypeAt } from '../../packages/apiserver/resources/list-types.ts';
import { fieldSetOf } from '../../packages/apiserver/writes/field-sets.ts';
import { strategicMerge } from '../../packages/apiserver/writes/strategic-merge.ts';
import { isServed } from '../../src/kinds/kind.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { schemaAt, type KindSchema } from '../../src/kinds/schema.ts';

describe('a strategic merge patch', () => {
  it.each<[string, string, object, object, object]>([
    [
      'finds a variable of an ephemeral container by its name',
      'Pod',
      { spec: { ephemeralContainers: [{ name: 'a', env: [{ name: 'x', value: '1' }] }] } },
      { spec: { ephemeralContainers: [{ name: 'a', env: [{ name: 'y', value: '2' }] }] } },
      {
        spec: {
          ephemeralContainers: [
            {
              name: 'a',
              env: [
                { name: 'y', value: '2' },
                { name: 'x', value: '1' },
              ],
            },
          ],
        },
      },
    ],
    [
      'replaces the pull secrets of a ServiceAccount',
      'ServiceAccount',
      { imagePullSecrets: [{ name: 'a' }] },
      { imagePullSecrets: [{ name: 'b' }] },
      { imagePullSecrets: [{ name: 'b' }] },
    ],
    [
      'merges those of a pod',
      'Pod',
      { spec: { imagePullSecrets: [{ name: 'a' }] } },
      { spec: { imagePullSecrets: [{ name: 'b' }] } },
      { spec: { imagePullSecrets: [{ name: 'b' }, { name: 'a' }] } },
    ],
    [
      'replaces what only applying tells apart',
      'EndpointSlice',
      { endpoints: [{ addresses: ['10.0.0.1'] }] },
      { endpoints: [{ addresses: ['10.0.0.2'] }] },
      { endpoints: [{ addresses: ['10.0.0.2'] }] },
    ],
    [
      'adds to a set',
      'Node',
      { spec: { podCIDRs: ['a'] } },
      { spec: { podCIDRs: ['b'] } },
      { spec: { podCIDRs: ['b', 'a'] } },
    ],
  ])('%s', (_title, kind, target, patch, merged) => {
    expect(strategicMerge(target, patch, kind)).toEqual(merged);
  });
});

it('an item that has an owner of its own is named by its keys', () => {
  const container = { resources: { claims: [{ name: 'gpu' }] } };
  expect(fieldSetOf(container, 'Pod', ['spec', 'containers'])).toEqual({
    'f:resources': { '.': {}, 'f:claims': { '.': {}, 'k:{"name":"gpu"}': { '.': {}, 'f:name': {} } } },
  });
});

describe('the lists of a Gateway', () => {
  const places = ['spec.listeners', 'status.listeners', 'status.conditions', 'status.listeners.conditions'];

  it.each(places)('%s is as its structure has it, where that says anything', async (place) => {
    const found = await packagedKinds.find('gateway.networking.k8s.io/v1', 'Gateway');
    if (found === undefined || !isServed(found)) throw new Error('There is no Gateway.');
    const keys = listAt(place, found.structure)?.['x-kubernetes-list-map-keys'];
    const own = listTypeAt('Gateway', place.split('.'))?.keys;
    expect(own).toHaveLength(1);
    if (place === 'spec.listeners') expect(keys).toEqual(['name']);
    if (keys !== undefined) expect(own).toEqual(keys);
  });

  /** Names of fields only: the items of a list are passed through. */
  function listAt(place: string, root: KindSchema): ReturnType<typeof schemaAt> {
    const names = place.split('.');
    const steps = names.flatMap((name, index) =>
      index < names.length - 1 && name === 'listeners' ? [name, 0] : [name],
    );
    return schemaAt(steps, root);
  }
});
