/**
 * Edges of diagrams and of the line map, held against the relations between kinds: where both ends are objects of the API, an edge is a
 * reference or a selection that the table has, or stands here as one that is something else.
 */
import { describe, expect, it } from 'vitest';
import { components, type ComponentId } from '../../runbooks/components.ts';
import { relations, selections, type Relation } from '../../src/kinds/relations.ts';
import { branches, requestLine } from '../../src/site/line.ts';
import { allParts, has } from '../../runbooks/parts.ts';
import { pageFiles, textOf } from './pages.ts';

/** The components that are objects of a kind. */
const kindOf: Partial<Record<ComponentId, string>> = {
  'app-pod': 'Pod',
  'app-service': 'Service',
  certificate: 'Certificate',
  clusterissuer: 'ClusterIssuer',
  envoy: 'Pod',
  envoyproxy: 'EnvoyProxy',
  gateway: 'Gateway',
  gatewayclass: 'GatewayClass',
  httproute: 'HTTPRoute',
  'internal-service': 'Service',
  'managed-service': 'Service',
  'tailscale-proxy': 'StatefulSet',
};

/** Edges that are no reference, and what they are. */
const otherwise: Readonly<Record<string, string>> = {
  'envoyproxy managed-service': 'shapes: Envoy Gateway makes the Service as the EnvoyProxy asks',
  'httproute managed-service': 'traffic: what routes say is what the Envoy behind the Service does',
  'envoy app-service': 'traffic',
  'envoy app-pod': 'traffic',
  'envoy httproute': 'traffic: Envoy takes the way that the route says',
};

interface Edge {
  from: ComponentId;
  to: ComponentId;
  label: string | undefined;
  where: string;
}

const isComponent = (id: string | undefined): id is ComponentId => components.some((one) => one.id === id);

const ARROW = /^\s*([\w-]+?)(?:\[[^\]]*\])?\s*(?:-->|-\.->)\s*(?:\|"?([^|"]*)"?\|)?\s*([\w-]+)/;

/** The edges of a page's flowcharts between components. */
const edgesOf = (file: string): readonly Edge[] =>
  [...textOf(file).matchAll(/```mermaid\n(\s*flowchart[\s\S]*?)```/g)].flatMap(([, source = '']) =>
    source.split('\n').flatMap((line): readonly Edge[] => {
      const [, from, label, to] = ARROW.exec(line) ?? [];
      return isComponent(from) && isComponent(to) ? [{ from, to, label, where: file }] : [];
    }),
  );

const drawn: readonly Edge[] = [
  ...pageFiles.flatMap(edgesOf),
  ...[requestLine, ...branches.map(({ stations }) => stations)].flatMap((line) =>
    line.slice(1).map(({ id }, at) => ({ from: line[at]?.id ?? id, to: id, label: undefined, where: 'the line map' })),
  ),
];

const between = drawn.filter(({ from, to }) => kindOf[from] !== undefined && kindOf[to] !== undefined);

/** A field that may name anything counts only where the edge is called like it. */
const names = ({ to, path }: Relation, kind: string, label: string | undefined): boolean => {
  if (typeof to === 'string') return to === kind;
  return to.otherwise === undefined
    ? label !== undefined && path.endsWith(`.${label}`)
    : to.otherwise === kind || isVariant(to.otherwise, kind);
};

/** A kind for the whole cluster, of which the other is the one for a namespace. */
const isVariant = (one: string, kind: string): boolean => kind === `Cluster${one}`;

/** The relations by which an object of one kind names, or selects, one of another; or what is written because of it. */
function relating(from: string, to: string, label: string | undefined): readonly string[] {
  const named = relations.filter((one) => one.from === from);
  const written = relations.filter((one) => one.from === to && one.written === true);
  return [
    ...named.filter((one) => names(one, to, label)).map(({ path, name }) => `${path}.${name}`),
    ...selections.filter((one) => one.from === from && one.to === to).map(({ path }) => path),
    ...named
      .filter((one) => written.some((other) => typeof other.to === 'string' && names(one, other.to, label)))
      .map(({ path }) => path),
  ];
}

/** Either end may be the one that names the other: an arrow says which is needed first, or where requests go. */
const relatingEither = ({ from, to, label }: Edge): readonly string[] => {
  const [one = '', other = ''] = [kindOf[from], kindOf[to]];
  return [...relating(one, other, label), ...relating(other, one, label)];
};

const key = ({ from, to }: Edge): string => `${from} ${to}`;

describe('an edge between two objects', () => {
  it('is drawn in pages and on the line map', () => {
    expect(between.length).toBeGreaterThan(14);
    expect(new Set(between.map(({ where }) => where)).size).toBeGreaterThan(allParts.every(has) ? 3 : 2);
  });

  it.each(between.map((edge) => ({ name: `${key(edge)} in ${edge.where}`, edge })))(
    '$name is a relation, or stands as something else',
    ({ edge }) => {
      const isOther = key(edge) in otherwise;
      expect(relatingEither(edge).length > 0 || isOther).toBe(true);
    },
  );

  it('that is named as a field is that field', () => {
    const fields = between.filter(({ label }) => /^[a-z]+Refs?$|^[a-z]+ClassName$/i.test(label ?? ''));
    expect(fields.length).toBeGreaterThan(0);
    for (const edge of fields) expect(relatingEither(edge).join(' '), key(edge)).toContain(edge.label);
  });

  it.runIf(allParts.every(has))('stands as something else only where it is drawn', () => {
    const known = new Set(between.map(key));
    expect(Object.keys(otherwise).filter((one) => !known.has(one))).toEqual([]);
  });
});
