/**
 * The CustomResourceDefinitions of the demo cluster: those of the stack's components. Of their kinds' structure they say nothing here: the API
 * server adds what the packages of models know, when somebody reads one.
 *
 * They are objects like any other. A fault that deletes one makes its kind unknown to the API server, as it would for real.
 */
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../runbooks/stack-type.ts';
import { age, type Definition, type Group, groups } from './custom-kinds.ts';

/** Groups whose definitions keep a `status` that only their controller writes, unless listed here. */
const withoutStatus = new Set(['ReferenceGrant', 'HTTPRouteFilter', 'CiliumNodeConfig', 'CiliumIdentity']);

function definitionObject(group: Group, definition: Definition): KubernetesObject {
  const {
    plural,
    kind,
    scope = 'Namespaced',
    shortNames = [],
    columns = [age],
    versions = group.versions,
    categories = group.categories ?? [],
  } = definition;
  const names = {
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
    ...(categories.length > 0 ? { categories: [...categories] } : {}),
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group.group}` },
    spec: {
      conversion: { strategy: 'None' },
      group: group.group,
      names,
      scope,
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        ...(withoutStatus.has(kind) ? {} : { subresources: { status: {} } }),
        additionalPrinterColumns: columns.map(([title, jsonPath, type = 'string', priority]) => ({
          name: title,
          jsonPath,
          type,
          ...(priority === undefined ? {} : { priority }),
        })),
      })),
    },
    status: {
      acceptedNames: names,
      conditions: [
        {
          type: 'NamesAccepted',
          status: 'True',
          lastTransitionTime: '{{ago 30d}}',
          reason: 'NoConflicts',
          message: 'no conflicts found',
        },
        {
          type: 'Established',
          status: 'True',
          lastTransitionTime: '{{ago 30d}}',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      storedVersions: [versions[0]],
    },
  };
}

export const customResourceDefinitions = (stack: Stack): readonly KubernetesObject[] =>
  groups
    .filter(({ part }) => part === undefined || stack[part] !== null)
    .flatMap((group) => group.definitions.map((definition) => definitionObject(group, definition)));
