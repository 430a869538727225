/**
 * What of an object may not change once it is there, and what it cannot be without: the rules that no schema states, in the words of the
 * validations of k8s.io/kubernetes 1.36 (pkg/apis/<group>/validation).
 */
import { selects } from '../../../src/formats/label-selector.ts';
import { same } from '../objects/same.ts';
import { at, fieldsOf, isFields, list, strings, text, type Fields } from '../objects/fields.ts';
import { cause, type Cause } from '../http/statuses.ts';

type Rule = (fresh: Fields, old: Fields) => readonly Cause[];

/** Every change that may not be. */
export const forbiddenChanges = (fresh: Fields, old: Fields): readonly Cause[] =>
  (rules[text(fresh, 'kind')] ?? []).flatMap((rule) => rule(fresh, old));

const differs = (fresh: Fields, old: Fields, path: readonly string[]): boolean =>
  !same(at(fresh, ...path), at(old, ...path));

const fixed =
  (field: string, message = 'field is immutable'): Rule =>
  (fresh, old) => {
    const path = field.split('.');
    return differs(fresh, old, path) ? [cause.invalid(field, at(fresh, ...path), message)] : [];
  };

/** Nothing of the spec may change but these fields. */
const onlySpec =
  (mutable: readonly string[], message: string): Rule =>
  (fresh, old) => {
    const rest = (object: Fields): unknown =>
      Object.fromEntries(Object.entries(fieldsOf(object, 'spec')).filter(([field]) => !mutable.includes(field)));
    return same(rest(fresh), rest(old)) ? [] : [cause.forbidden('spec', message)];
  };

const classIsFixed: Rule = (fresh, old) => {
  const isLoadBalancer = (object: Fields): boolean => text(object, 'spec', 'type') === 'LoadBalancer';
  const wanted = text(fresh, 'spec', 'loadBalancerClass');
  if (!isLoadBalancer(fresh)) {
    return wanted === ''
      ? []
      : [cause.forbidden('spec.loadBalancerClass', "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return isLoadBalancer(old) && wanted !== text(old, 'spec', 'loadBalancerClass')
    ? [cause.invalid('spec.loadBalancerClass', at(fresh, 'spec', 'loadBalancerClass'), 'may not change once set')]
    : [];
};

const addressIsFixed: Rule = (fresh, old) => {
  const [wanted, given] = [text(fresh, 'spec', 'clusterIP'), text(old, 'spec', 'clusterIP')];
  if (given === '' || wanted === given || text(fresh, 'spec', 'type') === 'ExternalName') return [];
  return [cause.invalid('spec.clusterIPs[0]', [wanted], 'may not change once set')];
};

const podIsFixed: Rule = (fresh, old) => {
  const mutable = ['tolerations', 'activeDeadlineSeconds', 'nodeName'];
  const withoutImages = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((item: unknown) => (isFields(item) ? { ...item, image: '' } : item)) : value;
  const fixedPart = (object: Fields): unknown =>
    Object.fromEntries(
      Object.entries(fieldsOf(object, 'spec'))
        .filter(([field]) => !mutable.includes(field))
        .map(([field, value]) => [field, /^(?:init)?containers$/i.test(field) ? withoutImages(value) : value]),
    );
  if (same(fixedPart(fresh), fixedPart(old))) return [];
  return [
    cause.forbidden(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
};

const unlessImmutable =
  (fields: readonly string[]): Rule =>
  (fresh, old) =>
    at(old, 'immutable') !== true
      ? []
      : [...fields, 'immutable']
          .filter((field) => differs(fresh, old, [field]))
          .map((field) => cause.forbidden(field, 'field is immutable when `immutable` is set'));

const rules: Readonly<Record<string, readonly Rule[]>> = {
  ConfigMap: [unlessImmutable(['data', 'binaryData'])],
  Secret: [fixed('type'), unlessImmutable(['data'])],
  Service: [classIsFixed, addressIsFixed],
  Pod: [podIsFixed],
  Deployment: [fixed('spec.selector')],
  ReplicaSet: [fixed('spec.selector')],
  DaemonSet: [fixed('spec.selector')],
  StatefulSet: [
    onlySpec(
      [
        'replicas',
        'ordinals',
        'template',
        'updateStrategy',
        'revisionHistoryLimit',
        'persistentVolumeClaimRetentionPolicy',
        'minReadySeconds',
      ],
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ],
  Job: [fixed('spec.selector'), fixed('spec.template'), fixed('spec.completionMode')],
  PersistentVolumeClaim: [
    onlySpec(
      ['resources', 'volumeAttributesClassName'],
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    ),
  ],
  RoleBinding: [fixed('roleRef', 'cannot change roleRef')],
  ClusterRoleBinding: [fixed('roleRef', 'cannot change roleRef')],
  CertificateRequest: [
    (fresh, old) =>
      differs(fresh, old, ['spec']) ? [cause.forbidden('spec', 'cannot change the spec of a request')] : [],
  ],
};

/** What no schema says of an object: what it cannot be without, and what in it must agree. */
export const contradictions = (object: Fields): readonly Cause[] => [
  ...missing(object),
  ...(agreements[text(object, 'kind')] ?? []).flatMap((agreement) => agreement(object)),
];

const inTemplate = ['spec', 'template', 'spec'] as const;

/** Where a kind has a pod's specification. */
const podSpecs: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: inTemplate,
  ReplicaSet: inTemplate,
  StatefulSet: inTemplate,
  DaemonSet: inTemplate,
  Job: inTemplate,
  CronJob: ['spec', 'jobTemplate', ...inTemplate],
};

function missing(object: Fields): readonly Cause[] {
  const kind = text(object, 'kind');
  const place = podSpecs[kind];
  if (place !== undefined) {
    const path = [...place, 'containers'].join('.');
    const containers = list(object, ...place, 'containers');
    const unnamed = containers.flatMap((container, index) =>
      text(container, 'image') === '' ? [cause.required(`${path}[${index}].image`)] : [],
    );
    return containers.length === 0 ? [cause.required(path)] : unnamed;
  }
  const isPortless = text(object, 'spec', 'type') === 'ExternalName' || text(object, 'spec', 'clusterIP') === 'None';
  return kind === 'Service' && !isPortless && list(object, 'spec', 'ports').length === 0
    ? [cause.required('spec.ports')]
    : [];
}

type Agreement = (object: Fields) => readonly Cause[];

const selectsItsPods: Agreement = (object) => {
  const selector = at(object, 'spec', 'selector');
  if (selector === undefined) return [cause.required('spec.selector')];
  const labels = strings(object, 'spec', 'template', 'metadata', 'labels');
  if (selects(selector, labels)) return [];
  return [cause.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
};

const agreements: Readonly<Record<string, readonly Agreement[]>> = {
  Deployment: [selectsItsPods],
  ReplicaSet: [selectsItsPods],
  StatefulSet: [selectsItsPods],
  DaemonSet: [selectsItsPods],
  Service: [(object) => classIsFixed(object, {})],
  Job: [
    (object) =>
      text(object, ...inTemplate, 'restartPolicy') === 'Always'
        ? [cause.unsupported('spec.template.spec.restartPolicy', 'Always', ['OnFailure', 'Never'])]
        : [],
  ],
};
