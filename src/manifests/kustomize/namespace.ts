/** The namespace that a kustomization gives to everything [kustomize 5.5, api/filters/namespace]. */
import { isObject } from '../../kinds/violation.ts';
import { isClusterScoped } from './cluster-scoped.ts';
import { changeFields, type Slot } from './field-specs.ts';
import type { FieldSpec } from './fields.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import { calledBy, idOf, kindOf, remember, setMetadata } from './resource.ts';

/** Which accounts among the subjects of a binding follow: those that are called `default`, every ServiceAccount, or none. */
export type Subjects = 'defaultOnly' | 'allServiceAccounts' | 'none';

export function setNamespace(
  set: ResourceSet,
  namespace: string,
  specs: readonly FieldSpec[],
  { subjects = 'defaultOnly', unsetOnly = false }: { subjects?: Subjects; unsetOnly?: boolean } = {},
): void {
  const change = (holder: Slot, key: string | number): void => {
    if (!unsetOnly || !holder[key]) holder[key] = namespace;
  };
  for (const resource of set.all) {
    remember(resource);
    const id = idOf(resource);
    if (!isClusterScoped(id) && !(unsetOnly && id.namespace !== '')) setMetadata(resource, 'namespace', namespace);
    // Another group's kind Namespace has a name of its own.
    const own = specs.filter(({ path }) => path !== 'metadata/namespace' && (path !== 'metadata/name' || isCore(id)));
    const isBinding = kindOf(resource) === 'RoleBinding' || kindOf(resource) === 'ClusterRoleBinding';
    changeFields(
      resource.object,
      isBinding ? own.filter(({ path }) => path !== 'subjects/namespace') : own,
      change,
      () => '',
    );
    if (isBinding) setSubjects(resource.object['subjects'], subjects, change);
  }
  set.renamed();
  const [clash] = set.clashes();
  if (clash !== undefined) throw new Refused(`gives two objects the name ${calledBy(clash)}`);
}

const isCore = ({ group, version }: { group: string; version: string }): boolean => group === '' && version === 'v1';

function setSubjects(subjects: unknown, which: Subjects, change: (holder: Slot, key: string) => void): void {
  for (const subject of Array.isArray(subjects) ? (subjects as readonly unknown[]) : []) {
    if (!isObject(subject) || which === 'none') continue;
    const follows = which === 'defaultOnly' ? subject['name'] === 'default' : subject['kind'] === 'ServiceAccount';
    if (follows) change(subject, 'namespace');
  }
}
