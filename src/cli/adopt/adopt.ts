/**
 * `npm run adopt`: reads the names of a stack from a cluster or from manifests, asks for those that neither tells, and puts them into
 * `runbooks/stack.ts`. What is made from the file is made anew, and what a person has to do is said.
 */
import { Command } from 'commander';
import { stack as before } from '#stack';
import { stackTroubles } from '../../../runbooks/stack-troubles.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { Refusal } from '../../formats/refusal.ts';
import { legible } from '../../runbook/legible.ts';
import { end, explain, guardEnds, note } from '../ending.ts';
import { domainIn, gatewayIn } from '../naming.ts';
import { appsBehind, withApps } from './apps.ts';
import { converse, Hangup, type Conversation } from './conversation.ts';
import { draftOf, givenIn, troublesAt, untold, type Draft } from './draft.ts';
import { differences, readText, replace, rewritten, shown } from './file.ts';
import { formerNames, leftovers, type Leftover } from './leftovers.ts';
import { fromCluster, fromManifests, type Seen } from './places.ts';
import { candidates, proposalsFrom } from './proposals.ts';
import { answerIn, questions, withAnswer } from './questions.ts';
import { commands, renew } from './renewal.ts';
import { repositoryHere } from './repository.ts';
import { fullName, type Proposal } from './told.ts';

interface Options {
  kubeconfig?: string;
  context?: string;
  manifests?: readonly string[];
  gateway?: string;
  domain?: string;
  set: Given;
  apps: boolean;
  renew: boolean;
  yes?: boolean;
  dryRun?: boolean;
}

type Given = ReadonlyMap<string, string>;

guardEnds();
const print = (text: string): void => void process.stdout.write(`${legible(text)}\n`);

const program = new Command('npm run adopt --')
  .description('Puts the names of your stack into runbooks/stack.ts. Of a cluster it only reads.')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .showHelpAfterError('(see: npm run adopt -- --help)')
  .option('--context <name>', 'propose what the cluster of a context of the kubeconfig tells')
  .option('--kubeconfig <file>', 'propose what the cluster of that kubeconfig tells')
  .option('--manifests <folder...>', 'propose what manifests in folders tell')
  .option('--gateway <namespace/name>', 'the Gateway that is meant')
  .option('--domain <domain>', 'the domain whose hostnames it serves')
  .option(
    '--set <path=value>',
    'any other name, by its path in runbooks/stack.ts; several times if need be',
    set,
    new Map(),
  )
  .option('--no-apps', 'leave the apps as they are, whatever is told of them')
  .option('--no-renew', 'leave recorded runs and diagrams as they are')
  .option('--yes', 'ask nothing: take what is told and given, and leave the rest')
  .option('--dry-run', 'say what would change, and ask and write nothing')
  .action(adopt);

function set(text: string, others: Given): Given {
  return new Map([...others, givenIn(text)]);
}

async function adopt(options: Options): Promise<void> {
  const asks = options.yes !== true && options.dryRun !== true;
  if (asks && !process.stdin.isTTY) {
    throw new Refusal(
      'usage',
      'Nobody can answer here: standard input is no terminal.',
      'Pass --yes to take what is told and given, or --dry-run to see what that is.',
    );
  }
  const given = givenOf(options);
  const former = await readText();
  const seen = await look(options);
  const talk = asks ? converse(process.stdin, process.stdout) : undefined;
  try {
    const after = await decide({ seen, given, talk, takesApps: options.apps });
    await settle(former, after, options, talk);
  } finally {
    talk?.close();
  }
}

/** @throws {Refusal} */
function givenOf({ gateway, domain, set: others }: Options): Given {
  const named = gateway === undefined ? undefined : gatewayIn(gateway);
  return new Map([
    ...(named === undefined
      ? []
      : ([
          ['gateway.namespace', named.namespace],
          ['gateway.name', named.name],
        ] as const)),
    ...(domain === undefined ? [] : ([['domain', domainIn(domain)]] as const)),
    ...others,
  ]);
}

async function look({ kubeconfig, context, manifests }: Options): Promise<Seen | undefined> {
  if (manifests !== undefined && (kubeconfig !== undefined || context !== undefined)) {
    throw new Refusal('usage', 'Names are read in one place.', 'Pass --manifests, or --context and --kubeconfig.');
  }
  if (manifests !== undefined) return fromManifests(manifests);
  if (kubeconfig === undefined && context === undefined) return undefined;
  const named = { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
  return fromCluster(named, note);
}

interface Deciding {
  seen: Seen | undefined;
  given: Given;
  talk: Conversation | undefined;
  takesApps: boolean;
}

/** The stack with everything that is told, given and answered. */
async function decide({ seen, given, talk, takesApps }: Deciding): Promise<Stack> {
  const known = new Map(given);
  const gateway = await gatewayOf(seen, given, talk);
  if (gateway !== undefined) {
    const [namespace = '', name = ''] = gateway.split('/');
    known.set('gateway.namespace', namespace).set('gateway.name', name);
  }
  const proposals = [...(await repositoryHere()), ...(seen === undefined ? [] : proposalsFrom(seen.facts, gateway))];
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
  if (named.every((part) => part !== undefined)) return named.join('/');
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

const [gatewayQuestion, domainQuestion] = questions as readonly [(typeof questions)[0], (typeof questions)[0]];

const askFor = (stack: Stack, question: (typeof questions)[0], talk: Conversation, standing: string): Promise<string> =>
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

/** Writes what was decided, and says what is left. */
async function settle(former: string, after: Stack, options: Options, talk: Conversation | undefined): Promise<void> {
  const troubles = stackTroubles(after);
  if (troubles.length > 0) {
    throw new Refusal(
      'usage',
      [`${shown} cannot say that.`, ...troubles].join('\n  '),
      'Give what does not fit with --gateway, --domain and --set, or leave the apps as they are with --no-apps. Nothing was written.',
    );
  }
  const text = await rewritten(former, before, after);
  const changes = differences(former, text);
  print(changes.length === 0 ? `${shown} says all of this already.` : `\n${shown}:\n${changes.join('\n')}\n`);
  const writes = changes.length > 0 && options.dryRun !== true;
  if (writes && talk !== undefined && !(await talk.agree(`Write this to ${shown}?`))) {
    print('Nothing was written.');
    return;
  }
  if (writes) await replace(former, text, after);
  const left = writes && options.renew ? await renew(print) : writes ? commands : [];
  print(whatIsLeft(left, await leftovers(formerNames(before, after))));
}

const mostShown = 60;

/** `infrastructure/gateway/gateway.yaml:14: example.org (and in lines 20, 31)` */
function leftoverText({ file, name, lines: [first, ...more] }: Leftover): string {
  const others = more.length === 0 ? '' : ` (and in ${more.length === 1 ? 'line' : 'lines'} ${more.join(', ')})`;
  return `${file}:${first}: ${name}${others}`;
}

function whatIsLeft(steps: readonly string[], places: readonly Leftover[]): string {
  const more = places.length - mostShown;
  return [
    'Left to you:',
    ...steps.map((step) => `  ${step}`),
    ...(places.length === 0
      ? []
      : [
          '  Former names, where nothing but a person can change them:',
          ...places.slice(0, mostShown).map((place) => `    ${leftoverText(place)}`),
          ...(more > 0 ? [`    and ${more} more`] : []),
        ]),
    '  npm run --silent runbook -- run --all   examines your cluster',
    '  npm test                                says whether all of it agrees',
  ].join('\n');
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof Hangup) note('\nNothing was written.');
  process.exitCode = error instanceof Hangup ? 130 : explain(error);
}
await end();
