/**
 * `npm run adopt`: reads the names of a stack from a cluster or from manifests, asks for those that neither tells, and puts them into
 * `runbooks/stack.ts`. What is made from the file is made anew, and what a person has to do is said.
 */
import { Command } from 'commander';
import { stack as before } from '#stack';
import { stackTroubles } from '../../../runbooks/stack-troubles.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { Refusal } from '../../formats/refusal.ts';
import { end, explain, guardEnds, note } from '../ending.ts';
import { domainIn, gatewayIn } from '../../sources/naming.ts';
import { isSame } from './apps.ts';
import { converse, Hangup, type Conversation } from './conversation.ts';
import { decide } from './deciding.ts';
import { givenIn, type Given } from './draft.ts';
import { differences, readText, replace, rewritten, shown } from './file.ts';
import { formerNames, leftovers, type Leftover } from './leftovers.ts';
import { fromCluster, fromManifests, type Seen } from './places.ts';
import { commands, renew } from './renewal.ts';
import { print } from './print.ts';

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

guardEnds();

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
  const dropped = before.apps.filter((app) => !after.apps.some((one) => isSame(one, app)));
  if (dropped.length > 0)
    print(`Not among the apps any longer: ${dropped.map(({ name }) => name).join(', ')}. To keep them: --no-apps\n`);
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
