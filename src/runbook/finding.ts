/**
 * A finding is data: each thing that a check can find is declared beside it, with all that is said of it. A judge only chooses among them and
 * names the subject, so that everything that can be found can be listed, explained and counted before anything is.
 */
import type { Evidence, Judgement, Quote, Remedy } from './judgement.ts';
import type { Shell } from './shell.ts';

export type { Quote } from './judgement.ts';

export type FoundOutcome = 'failed' | 'warned';

/** What a subject has for a name in a headline: a text, a number, or an object of the cluster. */
type Named =
  string | number | { name: string; namespace?: string } | { metadata: { name: string; namespace?: string } };

/** A thing that can be found, about subjects of type S. All of its functions are pure. */
export interface Finding<S> {
  /**
   * What is wrong, as a statement of at most 70 characters with the object's name and no words of others. Braces name a field of the
   * subject: `Gateway {gateway} is not programmed`. Names that are too long are shortened.
   */
  headline: string;
  /** What it means, for a reader who has no subject yet: a sentence or two. */
  means: string;
  /** Failed when left out. */
  outcome?: FoundOutcome | ((subject: S) => FoundOutcome);
  /** One sentence, or a few, with what was seen. */
  message: (subject: S) => string;
  quote?: (subject: S) => Quote | undefined;
  /** The object at fault first: the cause, not the place where the pain shows. */
  evidence: (subject: S) => readonly [Evidence, ...Evidence[]];
  /** Ways to mend it, of which one is enough. The one in Git first. */
  remedies: (subject: S) => readonly [Remedy, ...Remedy[]];
  /** Commands that show it, where `kubectl get` of the evidence's objects does not say enough. */
  commands?: (subject: S) => readonly Shell[];
  /** Which of the check's needs would explain it if they failed; all of them when left out. */
  explainedBy?: (subject: S) => readonly string[];
  /** The page that explains it, where that is not the page of findings. */
  page?: string;
}

/** Any finding, whatever its subjects are. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a subject is only ever given by the check that declares the finding
export type AnyFinding = Finding<any>;
export type Findings = Readonly<Record<string, AnyFinding>>;

/** What a judge says with: the check's findings by name, each a judgement once it is told its subject. */
export type Find<F extends Findings> = {
  readonly [K in keyof F]: F[K] extends Finding<infer S> ? (subject: S) => Judgement : never;
};

/** Gives a finding its types. */
export const finding = <S>(declared: Finding<S>): Finding<S> => declared;

/** The id of a finding: `notAccepted` of `gateway/accepted` is `gateway/accepted#not-accepted`; never reused for another meaning. */
export const findingId = (check: string, name: string): string =>
  `${check}#${name.replaceAll(/[A-Z]|\d+/g, (part) => `-${part.toLowerCase()}`)}`;

/** The page that explains a finding, and the place on it. */
export const findingPage = (id: string): string => `/reference/findings/#${findingAnchor(id)}`;

export const findingAnchor = (id: string): string => id.replaceAll(/[/#]/g, '-');

export const longestHeadline = 70;

/** The findings of a check, ready to be told their subjects. */
export function bind<F extends Findings>(check: string, findings: F): Find<F> {
  const bound = Object.entries(findings).map(
    ([name, declared]) => [name, (subject: unknown) => judgementOf(findingId(check, name), declared, subject)] as const,
  );
  return Object.fromEntries(bound) as Find<F>;
}

function judgementOf(id: string, declared: AnyFinding, subject: unknown): Judgement {
  const { outcome = 'failed', headline, message, quote, evidence, remedies, commands, explainedBy, page } = declared;
  return {
    outcome: typeof outcome === 'function' ? outcome(subject) : outcome,
    finding: id,
    headline: filled(headline, subject as Readonly<Record<string, Named | undefined>>),
    message: message(subject),
    quote: quote?.(subject) ?? null,
    evidence: evidence(subject),
    remedies: remedies(subject),
    ...(commands === undefined ? {} : { commands: commands(subject) }),
    ...(explainedBy === undefined ? {} : { explainedBy: explainedBy(subject) }),
    ...(page === undefined ? {} : { page }),
  };
}

const slot = /\{([a-zA-Z]+)\}/g;

/** Fills a headline's braces. Where that makes it too long, the longest names give way, first their namespaces, then their middles. */
function filled(headline: string, subject: Readonly<Record<string, Named | undefined>>): string {
  const names = new Map(
    [...headline.matchAll(slot)].map(([, key = '']) => {
      const named = subject[key];
      if (named === undefined) throw new Error(`The headline "${headline}" names ${key}, which its subject lacks.`);
      return [key, fullName(named)];
    }),
  );
  const whole = (): string => headline.replaceAll(slot, (_, key: string) => names.get(key) ?? '');
  const longestFirst = [...names].sort(([, one], [, other]) => other.length - one.length);
  for (const [key] of longestFirst) {
    if (whole().length > longestHeadline) names.set(key, shortName(subject[key] ?? ''));
  }
  while (whole().length > longestHeadline) {
    const [key, name] = [...names].reduce((one, other) => (other[1].length > one[1].length ? other : one));
    if (name.length <= 4) break;
    const room = name.length - (whole().length - longestHeadline);
    names.set(key, withoutMiddle(name, Math.max(room, Math.min(name.length - 1, 12))));
  }
  return whole();
}

const fullName = (named: Named): string => {
  if (typeof named === 'string' || typeof named === 'number') return String(named);
  const { namespace, name } = 'metadata' in named ? named.metadata : named;
  return namespace === undefined ? name : `${namespace}/${name}`;
};

const shortName = (named: Named): string =>
  typeof named === 'object' ? ('metadata' in named ? named.metadata : named).name : String(named);

const withoutMiddle = (text: string, most: number): string => {
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail).toWellFormed()}…${text.slice(text.length - tail).toWellFormed()}`;
};
