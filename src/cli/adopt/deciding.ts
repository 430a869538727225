/** Which names a stack is to have: what is given, what is told, and what somebody answers. */
import { stack as before } from '#stack';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { Refusal } from '../../formats/refusal.ts';
import { domainIn } from '../../sources/naming.ts';
import { appsBehind, withApps } from './apps.ts';
import type { Conversation } from './conversation.ts';
import { draftOf, troublesAt, untold, type Draft, type Given } from './draft.ts';
import type { Seen } from './places.ts';
import { print } from './print.ts';
import { candidates, proposalsFrom } from './proposals.ts';
import { answerIn, questions, withAnswer, type Question } from './questions.ts';
import { repositoryHere } from './repository.ts';
import { fullName, type Proposal } from './told.ts';

interface Deciding {
  seen: Seen | undefined;
  given: Given;
  talk: Conversation | undefined;
  takesApps: boolean;
}

/** The stack with everything that is told, given and answered. */
export async function decide({ seen, given, talk, takesApps }: Deciding): Promise<Stack> {
  const known = new Map(given);
  const gateway = await gatewayOf(seen, given, talk);
  if (gateway !== undefined) {
    const [namespace = '', name = ''] = gateway.split('/');
    known.set('gateway.namespace', namespace).set('gateway.name', name);
  }
  const proposals = [
    ...(await repositoryHere()),
    ...(seen === undefined ? [] : proposalsFrom(seen.facts, gateway, given.get('domain'))),
  ];
  const domain = await domainOf(proposals, given, talk);
  known.set('domain', domain);
  const draft = draftOf(before, domain, proposals, known);
  const found = seen === undefined || gateway === undefined ? undefined : appsBehind(gateway, draft.stack, seen.facts);
  tell(
    seen,
    draft,
    untold(draft, known).flatMap(({ paths }) => paths),
    found?.others ?? [],
  );
  const withTheirApps = takesApps && found !== undefined ? withApps(draft.stack, found.apps, known) : draft.stack;
  return talk === undefined ? withTheirApps : answered(withTheirApps, draft, known, talk);
}

/** The Gateway that is meant; nothing where neither somebody nor something tells. */
async function gatewayOf(
  seen: Seen | undefined,
  given: Given,
  talk: Conversation | undefined,
): Promise<string | undefined> {
  const named = [given.get('gateway.namespace'), given.get('gateway.name')];
  if (named.every((part) => part !== undefined)) return thatIsThere(named.join('/'), seen);
  const some = seen === undefined ? [] : candidates(seen.facts).map(fullName);
  const [first] = some;
  if (some.length === 1) return first;
  const standing = answerIn(before, gatewayQuestion);
  if (some.includes(standing)) return standing;
  if (talk !== undefined) {
    if (first !== undefined) print(`There are several Gateways: ${some.join(', ')}.`);
    return askFor(before, gatewayQuestion, talk, first ?? standing);
  }
  if (first === undefined) return undefined;
  throw new Refusal(
    'usage',
    `There are several Gateways, and nothing tells which one is meant: ${some.join(', ')}.`,
    `Name it: --gateway ${first}`,
  );
}

/** @throws {Refusal} when there are Gateways, and not this one. */
function thatIsThere(gateway: string, seen: Seen | undefined): string {
  const there = (seen?.facts.gateways ?? []).map(fullName);
  if (there.length === 0 || there.includes(gateway)) return gateway;
  throw new Refusal(
    'usage',
    `There is no Gateway ${gateway} in ${seen?.where ?? 'there'}; there is ${there.join(', ')}.`,
    'Name one of them, or have nothing read: give all that differs with --set.',
  );
}

async function domainOf(proposals: readonly Proposal[], given: Given, talk: Conversation | undefined): Promise<string> {
  const told = given.get('domain') ?? proposals.findLast(({ path }) => path === 'domain')?.value;
  if (told !== undefined && wrongDomain(told) === undefined) return told;
  if (talk === undefined) return before.domain;
  return talk.ask(domainQuestion.ask ?? '', before.domain, wrongDomain);
}

const wrongDomain = (text: string): string | undefined => {
  try {
    return domainIn(text) === text ? undefined : `Write it as ${domainIn(text)}.`;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
};

const [gatewayQuestion, domainQuestion] = questions as readonly [Question, Question];

const askFor = (stack: Stack, question: Question, talk: Conversation, standing: string): Promise<string> =>
  talk.ask(question.ask ?? '', standing, (answer) => {
    const next = withAnswer(stack, question, answer);
    return next === undefined ? 'It takes NAMESPACE/NAME.' : troublesAt(next, question.paths)[0];
  });

/** Asks for what nothing tells. */
async function answered(stack: Stack, draft: Draft, given: Given, talk: Conversation): Promise<Stack> {
  let all = stack;
  for (const question of untold(draft, given).filter(({ ask }) => ask !== undefined)) {
    const answer = await askFor(all, question, talk, answerIn(all, question));
    all = withAnswer(all, question, answer) ?? all;
  }
  return all;
}

/** Says what was found and where, and what was not. */
function tell(seen: Seen | undefined, draft: Draft, left: readonly string[], others: readonly string[]): void {
  if (seen !== undefined) {
    const { gateway, domain } = draft.stack;
    print(`From ${seen.where}, for Gateway ${gateway.namespace}/${gateway.name} and the domain ${domain}:`);
    for (const { path, value, from } of draft.taken) print(`  ${path}: ${value}   (${from})`);
    if (draft.taken.length === 0) print('  nothing.');
  }
  const lists = [
    ['Could not be read, so nothing tells what it holds', seen?.unread ?? []],
    ['Cannot stand in a stack file', draft.refused],
    ['No app of the stack file', others],
  ] as const;
  for (const [title, lines] of lists) if (lines.length > 0) print([`${title}:`, ...lines].join('\n  '));
  if (seen !== undefined && left.length > 0)
    print(
      `Told by nothing: these stay, but for the domain in them, unless you give them (--set PATH=VALUE): ${grouped(left).join(', ')}.`,
    );
}

/** Paths of one part of the stack file together: `vault.{namespace, service}`. */
const grouped = (paths: readonly string[]): readonly string[] =>
  [...Map.groupBy(paths, (path) => path.split('.')[0] ?? '')].map(([part, all]) => {
    const fields = all.map((path) => path.slice(part.length + 1));
    return all.length === 1 ? (all[0] ?? '') : `${part}.{${fields.join(', ')}}`;
  });
