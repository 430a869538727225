/** The options of the commands, and what they choose. */
import { Refusal } from '../formats/refusal.ts';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { runbooks } from '../../runbooks/index.ts';
import { troubles } from '../../packages/apiserver/node/trouble.ts';
import type { Choice } from '../sources/source.ts';
import { didYouMean } from '../formats/closest-name.ts';
import { checkInputs, declaredInputs } from '../runbook/inputs.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { RunOnceOptions } from './running.ts';

export interface SourceOptions extends RunOnceOptions {
  kubeconfig?: string;
  context?: string;
  demo?: string | true;
  trouble?: string;
  snapshot?: string;
  /** Of `run` and `mcp` only. */
  manifests?: readonly string[];
  /** Of `run` only. */
  exclude?: readonly string[];
  /** Of `run` and `mcp` only. */
  crds?: string;
}

/** @param deadline How many seconds a run may take unless somebody says otherwise. */
export function sourceOptions(command: Command, deadline = 120): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, ~/.kube/config, in-cluster)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--demo [scenario]', 'ask the demo cluster, healthy or with a fault')
    .addOption(troubleOption())
    .option('--snapshot <file>', 'judge the facts of a snapshot')
    .option('--gateway <namespace/name>', 'the Gateway that is meant, instead of that of runbooks/stack.ts')
    .option('--domain <domain>', 'the domain whose hostnames it serves, instead of that of runbooks/stack.ts')
    .option('--cluster-only', 'ask the cluster’s API only: no DNS, TCP, TLS or HTTP probe')
    .option('--timeout <seconds>', 'how long one request may take', seconds, 10)
    .option('--deadline <seconds>', 'how long the whole run may take', seconds, deadline)
    .option(
      '--input <name=value>',
      `an input of a runbook, several times if need be (${declaredInputs(runbooks)
        .map(({ name, example }) => `${name}=${example}`)
        .join(', ')})`,
      input,
      {},
    );
}

export const outputOption = (...formats: readonly [string, ...string[]]): Option =>
  new Option('-o, --output <format>', 'how to print').choices([...formats]).default(formats[0]);

export const troubleOption = (): Option =>
  new Option('--trouble <kind>', `trouble on the way to the demo cluster: ${Object.keys(troubles).join(', ')}`);

function seconds(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0 || number > 3600)
    throw new InvalidArgumentError('It takes seconds, more than 0 and at most 3600.');
  return number;
}

function input(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It takes name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** @param taken What options took for their own that may be meant as a runbook: options that take several words take the next one, too. */
export function choose(ids: readonly string[], all: boolean, taken: readonly string[] = []): readonly Runbook[] {
  const names = runbooks.map(({ id }) => id);
  const known = `The runbooks are: ${names.join(', ')}.`;
  const eaten = taken.find((word) => names.includes(word));
  if (eaten !== undefined) {
    throw new Refusal(
      'usage',
      `${eaten} is a runbook, and stands where an option takes it for its own.`,
      `Name it first: run ${eaten} --demo, or run ${eaten} --manifests FOLDER.`,
    );
  }
  if (all && ids.length > 0) throw new Refusal('usage', 'Name runbooks, or pass --all, but not both.', known);
  if (all) return runbooks;
  if (ids.length === 0) throw new Refusal('usage', 'No runbook is named.', `${known} Or pass --all.`);
  return [...new Set(ids)].map((id) => {
    const found = runbooks.find((runbook) => runbook.id === id);
    if (found === undefined) throw new Refusal('usage', `There is no runbook ${id}.`, didYouMean(id, names) ?? known);
    return found;
  });
}

export function inputsFor(
  chosen: readonly Runbook[],
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const checked = checkInputs(chosen, given);
  if (!checked.ok) throw new Refusal('usage', checked.message, checked.hint);
  return checked.inputs;
}

/** What cannot be asked for together, and what to do. */
function refuseMixed({ demo, trouble, snapshot, manifests, exclude, crds }: SourceOptions, isLive: boolean): void {
  const isJudging = manifests !== undefined;
  // Beside manifests a cluster only says what its kinds are.
  const asked = [isLive && !isJudging, demo !== undefined, snapshot !== undefined, isJudging].filter(Boolean);
  const mixed: readonly (readonly [isSo: boolean, message: string, hint: string])[] = [
    [
      asked.length > 1,
      'A run asks one cluster.',
      'Pass --kubeconfig and --context, or --demo, or --snapshot; --manifests alone, or beside --context.',
    ],
    [
      trouble !== undefined && demo === undefined,
      'Trouble is made for the demo cluster only.',
      'Pass --demo, or leave --trouble out.',
    ],
    [
      crds !== undefined && !isJudging,
      'Definitions are for manifests to be judged by.',
      'Pass --manifests, or leave --crds out.',
    ],
    [
      exclude !== undefined && !isJudging,
      'Only manifests can be left out.',
      'Pass --manifests, or leave --exclude out.',
    ],
    [
      crds === '-' && manifests?.includes('-') === true,
      'Only one thing can be piped in.',
      'Write the definitions to a file, for --crds FILE.',
    ],
  ];
  for (const [isSo, message, hint] of mixed) if (isSo) throw new Refusal('usage', message, hint);
}

export function chooseSource(options: SourceOptions): Choice {
  const { kubeconfig, context, demo, trouble, snapshot, manifests, exclude, crds } = options;
  const named = { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
  const live = Object.keys(named).length > 0;
  refuseMixed(options, live);
  if (manifests !== undefined) {
    return {
      source: 'manifests',
      places: manifests,
      ...(exclude === undefined ? {} : { exclude }),
      ...(crds === undefined ? {} : { crds }),
      ...(live ? { cluster: named } : {}),
    };
  }
  if (snapshot !== undefined) return { source: 'snapshot', file: snapshot };
  if (demo !== undefined) {
    return {
      source: 'demo',
      scenario: demo === true ? 'healthy' : demo,
      ...(trouble === undefined ? {} : { trouble }),
    };
  }
  return { source: 'live', ...named };
}
