/** What policies make of one end of a connection: pure, for policies of every kind. */
import { anyOf, isDoubt, type Answer, type Doubt } from './answer.ts';

/** The names of a policy. */
export interface PolicyRef {
  kind: 'NetworkPolicy' | 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy';
  namespace?: string;
  name: string;
}

/** One rule of a policy, by where it stands: `spec.ingress[0]`. */
export interface RuleAt<P = PolicyRef> {
  policy: P;
  path: string;
}

/** What a policy that selects somebody says of one direction of its traffic. */
export interface Stance<P = PolicyRef> {
  policy: P;
  /** Where it says so: `spec`, or an item of `specs`. */
  path: string;
  /** What it does not allow is denied, unless another one allows it. */
  closes: boolean;
  /** Whether it is certain that it selects; a doubt goes over to whatever it says. */
  selects: Answer;
  allows: readonly Ruling[];
  /** Denials take precedence over whatever allows. */
  denies: readonly Ruling[];
}

export interface Ruling {
  path: string;
  takes: Answer;
}

/**
 * What becomes of it in one direction, and by what: nothing closes it; a rule allows it; policies close it and no rule allows it; a rule
 * denies it; or objects do not tell.
 */
export type Side<P = PolicyRef> =
  | { outcome: 'open'; because: string }
  | { outcome: 'allowed'; by: RuleAt<P> }
  | { outcome: 'shut'; by: readonly [RuleAt<P>, ...RuleAt<P>[]] }
  /** Closed by a setting: no policy selects it. */
  | { outcome: 'closed' }
  | { outcome: 'denied'; by: RuleAt<P> }
  | ({ outcome: 'unknown' } & Doubt);

/** @param isClosed Whether a setting closes what no policy selects. */
export function sideOf<P>(stances: readonly Stance<P>[], isClosed: boolean): Side<P> {
  const sure = stances.filter(({ selects }) => selects === true);
  const denied = firstOf(sure, 'denies');
  if (denied !== undefined) return { outcome: 'denied', by: denied };
  const doubted = doubtIn(stances);
  const allowed = firstOf(sure, 'allows');
  if (allowed !== undefined) return doubted.denies ?? { outcome: 'allowed', by: allowed };
  const [first, ...others] = sure.filter(({ closes }) => closes).map(({ policy, path }) => ({ policy, path }));
  if (first !== undefined) {
    return doubted.denies ?? doubted.allows ?? { outcome: 'shut', by: [first, ...others] };
  }
  if (isClosed) return doubted.allows ?? { outcome: 'closed' };
  return doubted.denies ?? doubted.closes ?? { outcome: 'open', because: 'no policy selects it' };
}

function firstOf<P>(stances: readonly Stance<P>[], which: 'allows' | 'denies'): RuleAt<P> | undefined {
  for (const stance of stances) {
    const found = stance[which].find(({ takes }) => takes === true);
    if (found !== undefined) return { policy: stance.policy, path: found.path };
  }
  return undefined;
}

type Unknown = { outcome: 'unknown' } & Doubt;

const unknownOf = (answer: Answer): Unknown | undefined =>
  isDoubt(answer) ? { outcome: 'unknown', because: answer.because } : undefined;

/** What might allow, deny or close, if it were known. */
function doubtIn(stances: readonly Stance<unknown>[]): Record<'allows' | 'denies' | 'closes', Unknown | undefined> {
  const of = (which: 'allows' | 'denies'): Unknown | undefined =>
    unknownOf(
      anyOf(stances, (stance) =>
        anyOf(stance[which], ({ takes }) => (takes === true ? sureOnly(stance.selects) : takes)),
      ),
    );
  return {
    allows: of('allows'),
    denies: of('denies'),
    closes: unknownOf(anyOf(stances, ({ closes, selects }) => (closes ? sureOnly(selects) : false))),
  };
}

/** What is sure was counted already. */
const sureOnly = (selects: Answer): Answer => (selects === true ? false : selects);
