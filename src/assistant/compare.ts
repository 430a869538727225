/** Two reports beside one another. */
import type { Finding, Report } from '../runbook/report.ts';

export interface Comparison {
  /** What only the newer report finds. */
  introduced: readonly Finding[];
  /** What only the older one finds, where the newer one could judge it. */
  fixed: readonly Finding[];
  /** What both find, as the newer one tells it. */
  unchanged: readonly Finding[];
  /** What the older one finds and the newer one could not judge. */
  unclear: readonly Finding[];
}

/** A finding is known again by its id and its object. What follows from something else is told where that is told. */
export function compare(older: Report, newer: Report): Comparison {
  const [before, after] = [findingsOf(older), findingsOf(newer)];
  const open = new Set(
    newer.checks.filter(({ outcome }) => outcome === 'unknown' || outcome === 'blocked').map(({ id }) => id),
  );
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, finding]) => finding);
  const isOpen = ({ id }: Finding): boolean => open.has(id.slice(0, id.indexOf('#')));
  const found = [...after].filter(([, { outcome }]) => outcome !== 'blocked');
  return {
    introduced: found.filter(([key]) => !before.has(key)).map(([, finding]) => finding),
    fixed: gone.filter((finding) => !isOpen(finding) && finding.outcome !== 'blocked'),
    unchanged: found.filter(([key]) => before.has(key)).map(([, finding]) => finding),
    unclear: gone.filter((finding) => isOpen(finding) && finding.outcome !== 'blocked'),
  };
}

const findingsOf = ({ checks }: Report): ReadonlyMap<string, Finding> =>
  new Map(checks.flatMap(({ findings }) => findings.map((finding) => [keyOf(finding), finding] as const)));

function keyOf({ id, evidence: [first] }: Finding): string {
  if (first === undefined) return id;
  const { kind, namespace = '', name } = first.object;
  return `${id} ${kind} ${namespace}/${name} ${first.path}`;
}
