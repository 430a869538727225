/** How far the judge of manifests and the demo's controller agree with what the real controller wrote. */
import type { Finding, Report } from '../../src/runbook/report.ts';
import { demoOf, isRefusal, judgedOf, type Golden, type Said } from './goldens.ts';

export interface Agreement {
  /** Goldens in which something is refused, and those whose refusals are all named by a failed check. */
  refusing: number;
  named: number;
  /** Goldens in which nothing is refused, and those in which no check fails. */
  accepting: number;
  quiet: number;
  /** Conditions of the real controller, and those that the demo's writes alike: by object, part, type, status and reason. */
  conditions: number;
  alike: number;
  /** Of these, those that refuse something. */
  refusals: number;
  alikeRefusals: number;
  /** What the demo's controller says of listeners and parents, and the real one does not. */
  added: number;
  /** What disagrees, a line each. */
  unnamed: readonly string[];
  loud: readonly string[];
  differing: readonly string[];
}

/** What judges wishes of a homelab, or what the controller never judges. */
const beyond: ReadonlySet<string> = new Set(['gateway/serves-the-wildcard-certificate']);

const failedIn = ({ checks }: Report): readonly Finding[] =>
  checks
    .filter(({ id }) => !beyond.has(id))
    .flatMap(({ findings }) => findings)
    .filter(({ outcome }) => outcome === 'failed');

const words = (text: string): readonly string[] => text.split(/[\s,;:()[\]"'“”]+/);

/** Whether a finding speaks of an object, and of its listener where it has several. */
function isAbout({ message, evidence }: Finding, { object, part }: Said, hasParts: boolean): boolean {
  const [kind = '', place = ''] = object.split(' ');
  const named = evidence.filter(
    ({ object: one }) =>
      one.kind === kind && `${one.namespace === undefined ? '' : `${one.namespace}/`}${one.name}` === place,
  );
  if (named.length === 0 && !words(message).includes(place)) return false;
  if (!hasParts || kind !== 'Gateway' || part === '') return true;
  return words(message).includes(part) || named.some(({ path }) => path.includes(`"${part}"`));
}

const unit = ({ object, part }: Said): string => `${object}${part === '' ? '' : `, ${part}`}`;
const verdict = ({ type, status, reason, message }: Said): string => `${type}=${status} ${reason} (${message})`;

async function judge(
  golden: Golden,
): Promise<{ refusing: boolean; unnamed: readonly string[]; loud: readonly string[] }> {
  const refused = Map.groupBy(golden.said.filter(isRefusal), unit);
  const failed = failedIn(await judgedOf(golden));
  const listeners = Map.groupBy(golden.said, ({ object }) => object);
  const unnamed = [...refused].flatMap(([what, all]) => {
    const [first] = all as [Said];
    const parts = new Set((listeners.get(first.object) ?? []).map(({ part }) => part).filter(Boolean));
    return failed.some((finding) => isAbout(finding, first, parts.size > 1))
      ? []
      : [`${golden.name}: ${what}: ${all.map(verdict).join('; ')}`];
  });
  const loud = refused.size > 0 ? [] : failed.map(({ id, message }) => `${golden.name}: ${id}: ${message}`);
  return { refusing: refused.size > 0, unnamed, loud };
}

const key = ({ object, part, type }: Said): string => `${object} | ${part} | ${type}`;

function compare(golden: Golden): { alike: readonly Said[]; added: number; differing: readonly string[] } {
  const own = new Map(demoOf(golden).map((one) => [key(one), one]));
  const alike = golden.said.filter((one) => {
    const mine = own.get(key(one));
    return mine !== undefined && mine.status === one.status && mine.reason === one.reason;
  });
  const differing = golden.said
    .filter((one) => !alike.includes(one))
    .map((one) => {
      const mine = own.get(key(one));
      return `${golden.name}: ${unit(one)}: real ${verdict(one)}, demo ${mine === undefined ? 'nothing' : verdict(mine)}`;
    });
  const said = new Set(golden.said.map(key));
  // Of a Gateway and its class the translator writes nothing but refusals: the rest is its provider's work.
  const added = [...own.values()].filter(
    (one) => one.part !== '' && !one.object.startsWith('EnvoyProxy') && !said.has(key(one)),
  );
  return {
    alike,
    added: added.length,
    differing: [...differing, ...added.map((one) => `${golden.name}: ${unit(one)}: only the demo: ${verdict(one)}`)],
  };
}

export async function agreementOn(all: readonly Golden[]): Promise<Agreement> {
  const judged = [];
  for (const golden of all) judged.push(await judge(golden));
  const compared = all.map(compare);
  const said = all.flatMap((golden) => golden.said);
  const alike = compared.flatMap((one) => one.alike);
  const refusing = judged.filter((one) => one.refusing);
  const accepting = judged.filter((one) => !one.refusing);
  return {
    refusing: refusing.length,
    named: refusing.filter(({ unnamed }) => unnamed.length === 0).length,
    accepting: accepting.length,
    quiet: accepting.filter(({ loud }) => loud.length === 0).length,
    conditions: said.length,
    alike: alike.length,
    refusals: said.filter(isRefusal).length,
    alikeRefusals: alike.filter(isRefusal).length,
    added: compared.reduce((sum, { added }) => sum + added, 0),
    unnamed: judged.flatMap(({ unnamed }) => unnamed),
    loud: judged.flatMap(({ loud }) => loud),
    differing: compared.flatMap(({ differing }) => differing),
  };
}

/** The figures in one line. */
export const figures = (one: Agreement): string =>
  `names all of ${one.named}/${one.refusing}, quiet on ${one.quiet}/${one.accepting}, demo conditions ${one.alike}/${one.conditions}, refusals ${one.alikeRefusals}/${one.refusals}, added by the demo ${one.added}`;
