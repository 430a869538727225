/** What every API server asks of an object's metadata, whatever its kind: names, labels, annotations (apimachinery, validation). */
import { groupOf } from './kind.ts';
import type { Unjudged, Violation } from './violation.ts';

export interface Shape {
  pattern: RegExp;
  longest: number;
  text: string;
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
export const dnsLabel: Shape = {
  pattern: new RegExp(`^${label}$`),
  longest: 63,
  text: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
};
export const dnsSubdomain: Shape = {
  pattern: new RegExp(`^${label}(\\.${label})*$`),
  longest: 253,
  text: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`,
};
/** RBAC takes any name that can stand in a path. */
const pathSegment: Shape = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  longest: Infinity,
  text: "may not be '.' or '..', nor contain '/' or '%'",
};
export const serviceName: Shape = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  text: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
};
const labelValue = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const qualifiedName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const namePattern = new RegExp(`^${qualifiedName}$`);
export const qualifiedNameText = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedName}')`;

export const labelValueShape: Shape = {
  pattern: new RegExp(`^${labelValue}$`),
  longest: 63,
  text: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValue}')`,
};

export const fits = (text: string, { pattern, longest }: Shape): boolean =>
  text.length <= longest && pattern.test(text);

/** A label's or annotation's key: a name, with a domain before it or without. */
export function isQualifiedName(key: string): boolean {
  const slash = key.lastIndexOf('/');
  const name = key.slice(slash + 1);
  return (
    namePattern.test(name) &&
    name.length <= 63 &&
    (slash === -1 || dnsSubdomain.pattern.test(key.slice(0, slash).toLowerCase()))
  );
}

export function judgeMetadata({ apiVersion, kind, metadata }: Unjudged): readonly Violation[] {
  if (typeof metadata !== 'object' || metadata === null) {
    return [{ path: 'metadata', kind: 'missing', message: 'metadata: Required value', observed: undefined }];
  }
  const { name, generateName, namespace, labels, annotations } = metadata as Readonly<Record<string, unknown>>;
  return [
    ...(name === undefined && generateName === undefined
      ? [
          {
            path: 'metadata.name',
            kind: 'missing' as const,
            message: 'metadata.name: Required value: name or generateName is required',
            observed: undefined,
          },
        ]
      : []),
    ...judge('metadata.name', name, nameShape(String(apiVersion), String(kind))),
    ...judge('metadata.namespace', namespace, dnsLabel),
    ...keysAndValues('metadata.labels', labels, true),
    ...keysAndValues('metadata.annotations', annotations, false),
  ];
}

function nameShape(apiVersion: string, kind: string): Shape {
  if (groupOf(apiVersion) === 'rbac.authorization.k8s.io') return pathSegment;
  if (apiVersion === 'v1' && kind === 'Service') return serviceName;
  return apiVersion === 'v1' && kind === 'Namespace' ? dnsLabel : dnsSubdomain;
}

function judge(path: string, value: unknown, { pattern, longest, text }: Shape): readonly Violation[] {
  if (typeof value !== 'string') return [];
  if (value.length > longest) {
    return [
      { path, kind: 'invalid', message: `${path}: Too long: may not be more than ${longest} bytes`, observed: value },
    ];
  }
  if (pattern.test(value)) return [];
  return [
    { path, kind: 'invalid', message: `${path}: Invalid value: ${JSON.stringify(value)}: ${text}`, observed: value },
  ];
}

function keysAndValues(path: string, map: unknown, areLabels: boolean): readonly Violation[] {
  if (typeof map !== 'object' || map === null) return [];
  return Object.entries(map).flatMap(([key, value]) => {
    const isKey = isQualifiedName(key);
    return [
      ...(isKey
        ? []
        : [
            {
              path,
              kind: 'invalid' as const,
              message: `${path}: Invalid value: ${JSON.stringify(key)}: ${qualifiedNameText}`,
              observed: key,
            },
          ]),
      ...(areLabels ? judge(path, value, labelValueShape) : []),
    ];
  });
}
