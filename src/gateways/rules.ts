/** The rules of a route: what of them the controller refuses, and what becomes of the requests that they take [internal/gatewayapi/route.go]. */
import { goRegExp, isRefused } from '../formats/go-regexp.ts';
import { at, isFields, list, text } from '../formats/fields.ts';
import { backendProblem, emptiness, isDynamic, type Referrer } from './backends.ts';
import { tlsProblem, type OwnTls, type TlsPolicies } from './backend-tls.ts';
import { backendFilterRefusal, judgeFilters, type Filtered } from './filters.ts';
import { joined, type Path, type Problem } from './verdicts.ts';
import { namespaceOf, targetOf, untold, type World } from './world.ts';

/** What a route is judged for: one of its parents. */
export interface Judging extends Referrer {
  parent: unknown;
  own: OwnTls | undefined;
  tlsPolicies: TlsPolicies;
}

export interface JudgedRule {
  index: number;
  problems: readonly Problem[];
  /** What every request that the rule takes is answered with; undefined where it reaches a backend. */
  answers: number | 'redirect' | undefined;
  /** Matches that a filter adds. */
  matches: readonly unknown[];
  /** Whether Envoy is told of it at all. */
  isKept: boolean;
}

interface JudgedBackend {
  problem: Problem | undefined;
  weight: number;
  isDynamic: boolean;
}

const weightOf = (reference: unknown): number => {
  const weight = at(reference, 'weight');
  return typeof weight === 'number' ? weight : 1;
};

/** What is wrong with a backend of a rule, in the controller's order. */
export function judgeBackend(world: World, by: Judging, reference: unknown, path: Path): JudgedBackend {
  const home = namespaceOf(by.object);
  const weight = weightOf(reference);
  const filters = list(reference, 'filters');
  const refused = filters.length === 0 ? undefined : backendFilterRefusal(by.kind, filters);
  const problem =
    (refused === undefined ? undefined : { type: 'ResolvedRefs', reason: 'UnsupportedRefValue', message: refused }) ??
    backendProblem(world, by, reference) ??
    (weight === 0 ? undefined : deeper(world, by, reference, filters, path));
  const to = targetOf(reference, home, 'Service');
  const found = to.kind === 'Backend' ? world.find('Backend', to.namespace, to.name) : undefined;
  return {
    problem: problem && { ...problem, at: path },
    weight,
    isDynamic: found !== undefined && found !== untold && isDynamic(found),
  };
}

function deeper(
  world: World,
  by: Judging,
  reference: unknown,
  filters: readonly unknown[],
  path: Path,
): Omit<Problem, 'at'> | undefined {
  const tls = tlsProblem(world, reference, namespaceOf(by.object), { ...by, policies: by.tlsPolicies });
  if (tls !== undefined) return { type: 'ResolvedRefs', reason: 'InvalidBackendTLS', message: tls };
  const empty = emptiness(world, by, reference);
  if (empty !== undefined) return empty;
  const filtered = judgeFilters(world, by, filters, [...path, 'filters']).problems;
  return filtered.length === 0
    ? undefined
    : {
        type: 'ResolvedRefs',
        reason: 'InvalidBackendFilters',
        message: filtered.map(({ message }) => message).join('\n'),
      };
}

export function judgeRule(world: World, by: Judging, rule: unknown, index: number): JudgedRule {
  const path: Path = ['spec', 'rules', index];
  const filtered = judgeFilters(world, by, list(rule, 'filters'), [...path, 'filters']);
  const unmatched = matchRefusal(rule, filtered);
  if (unmatched !== undefined) {
    const message = `failed to process route rule ${index}: ${unmatched}`;
    const problem = { type: 'Accepted', reason: 'UnsupportedValue', message, at: [...path, 'matches'] };
    return { index, problems: [...filtered.problems, problem], answers: undefined, matches: [], isKept: false };
  }
  const backends = list(rule, 'backendRefs').map((reference, at_) =>
    judgeBackend(world, by, reference, [...path, 'backendRefs', at_]),
  );
  const told = backends.flatMap(({ problem }, at_) => (problem === undefined ? [] : [inRule(problem, index, at_)]));
  const mixed = dynamicProblem(backends, filtered, index, path);
  const problems = [...filtered.problems, ...told, ...mixed];
  return { index, problems, answers: answerOf(filtered, backends, mixed), matches: filtered.matches, isKept: true };
}

function inRule(problem: Problem, rule: number, index: number): Problem {
  const words =
    problem.reason === 'EndpointsNotFound'
      ? 'failed to find endpoints'
      : `failed to process route rule ${rule} backendRef ${index}`;
  return { ...problem, message: `${words}: ${problem.message}` };
}

/** Requests for names that are looked up as they come go nowhere else. */
function dynamicProblem(
  backends: readonly JudgedBackend[],
  { isHostFromPath }: Filtered,
  index: number,
  at_: Path,
): readonly Problem[] {
  const isUsed = backends.some((one) => one.isDynamic && one.weight > 0 && one.problem === undefined);
  if (!isUsed) return [];
  const words = `failed to process route rule ${index}:`;
  if (isHostFromPath) {
    const message = `${words} host rewrite from path (PathRegex) is not supported with a dynamic resolver backend`;
    return [{ type: 'ResolvedRefs', reason: 'UnsupportedValue', message, at: at_ }];
  }
  const message = `${words} dynamic resolver is not supported for multiple backendRefs`;
  return backends.length > 1 ? [{ type: 'ResolvedRefs', reason: 'InvalidBackendRef', message, at: at_ }] : [];
}

function answerOf(
  { answers }: Filtered,
  backends: readonly JudgedBackend[],
  mixed: readonly Problem[],
): JudgedRule['answers'] {
  if (answers !== undefined) return answers;
  if (mixed.length > 0) return 500;
  const isReached = backends.some(({ problem, weight }) => problem === undefined && weight > 0);
  if (isReached) return undefined;
  const isBroken = backends.some(({ problem }) => problem !== undefined && problem.reason !== 'EndpointsNotFound');
  const isEmpty = backends.some(({ problem }) => problem?.reason === 'EndpointsNotFound');
  return isEmpty && !isBroken ? 503 : 500;
}

/** Patterns of a rule's matches that are none. */
function matchRefusal(rule: unknown, { matches }: Filtered): string | undefined {
  const inMatches = list(rule, 'matches').flatMap((match): readonly unknown[] => [
    at(match, 'path'),
    ...list(match, 'headers'),
    ...list(match, 'queryParams'),
  ]);
  const cookies = matches.flatMap((match) => list(match, 'cookies'));
  const patterns = [...inMatches, ...cookies]
    .filter((one) => text(one, 'type') === 'RegularExpression')
    .map((one) => text(one, 'value'));
  const methods = list(rule, 'matches')
    .map((match) => at(match, 'method'))
    .filter((method) => isFields(method) && text(method, 'type') === 'RegularExpression')
    .flatMap((method) => [text(method, 'service'), text(method, 'method')]);
  for (const pattern of [...patterns, ...methods]) {
    const compiled = goRegExp(pattern);
    if (isRefused(compiled) && compiled.byGo) return `regex ${JSON.stringify(pattern)} is invalid: ${compiled.refused}`;
  }
  return undefined;
}

/** Problems by their type, each type as one. */
export const byType = (problems: readonly Problem[]): readonly Problem[] =>
  [...Map.groupBy(problems, ({ type }) => type).values()].map((some) => joined(some as [Problem, ...Problem[]]));
