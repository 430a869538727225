#!/usr/bin/env node
/**
 * The terminal: lists runbooks, runs them, and says on standard output what came of it. Everything else, progress included,
 * goes to standard error.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../demo/faults.ts';
import { troubles } from '../demo/api/trouble.ts';
import { painter } from '../local/paint.ts';
import { ChoiceError, openSource, type Choice } from '../local/sources.ts';
import { toMarkdown } from '../runbook/markdown.ts';
import { checkInputs, declaredInputs } from '../runbook/inputs.ts';
import { legible, legibleJson } from '../runbook/legible.ts';
import { permissions } from '../runbook/permissions.ts';
import { exitCode, type Report } from '../runbook/report.ts';
import { run, type Run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { takeSnapshot } from '../runbook/snapshot.ts';
import { toJunit } from './junit.ts';
import { progress } from './progress.ts';
import { columns, wrap } from './style.ts';
import { toText } from './text.ts';

const exit = { usage: 64, bug: 70 } as const;

/** The call was wrong: what was wrong with it, and how to call again. */
class UsageError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

interface SourceOptions {
  kubeconfig?: string;
  context?: string;
  demo?: string | true;
  trouble?: string;
  snapshot?: string;
  /** Of `run` only. */
  manifests?: readonly string[];
  clusterOnly?: boolean;
  timeout: number;
  input: Readonly<Record<string, string>>;
}

interface RunCommandOptions extends SourceOptions {
  all?: boolean;
  output: 'text' | 'json' | 'junit' | 'markdown';
  verbose?: boolean;
  watch?: boolean;
}

const paint = painter(process.stdout, process.env);
const paintError = painter(process.stderr, process.env);

const program = new Command('runbook')
  .description('Examines a cluster for the Common Issues of this handbook. It only reads.')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .showHelpAfterError('(see: npm run --silent runbook -- --help)');

program
  .command('list')
  .description('the runbooks: id, title, page')
  .addOption(outputOption('text', 'json'))
  .action(({ output }: { output: string }) => {
    const rows = runbooks.map(({ id, title, page, summary }) => ({ id, title, page, summary }));
    print(
      output === 'json'
        ? legibleJson(rows)
        : table(rows.map(({ id, title, page }) => [paint.bold(id), title, paint.dim(page)])),
    );
  });

program
  .command('scenarios')
  .description('the faults that the demo cluster can have: id, title, component, runbook')
  .addOption(outputOption('text', 'json'))
  .action(({ output }: { output: string }) => {
    const rows = loadFaults().map(({ id, title, component, runbook }) => ({ id, title, component, runbook }));
    print(
      output === 'json'
        ? legibleJson(rows)
        : table(
            rows.map(({ id, title, component, runbook }) => [paint.bold(id), title, component, paint.dim(runbook)]),
          ),
    );
  });

program
  .command('permissions')
  .description('the least ClusterRole that the runbooks need, as YAML')
  .action(async () => {
    const { stringify } = await import('yaml');
    print(stringify(permissions(runbooks)).trimEnd());
  });

sourceOptions(program.command('run'))
  .description('runs runbooks')
  .argument('[id...]', 'which runbooks')
  .option('--all', 'run every runbook')
  .option(
    '--manifests <folder...>',
    'judge the manifests in folders, before they are merged; every runbook if none is named',
  )
  .addOption(outputOption('text', 'json', 'junit', 'markdown'))
  .option('-v, --verbose', 'show every check with what was found')
  .option('--watch', 'run again every five seconds, until stopped')
  .action(async (ids: string[], options: RunCommandOptions) => {
    const chosen = choose(ids, options.all === true || (options.manifests !== undefined && ids.length === 0));
    if (options.snapshot !== undefined && Object.keys(options.input).length > 0) {
      throw new UsageError(
        'A snapshot is judged with the inputs that it was taken with.',
        'Leave --input out, or take it again with: snapshot --input name=value.',
      );
    }
    const inputs = inputsFor(chosen, options.input);
    do {
      const { report } = await runOnce(chosen, { ...options, input: inputs });
      if (options.watch === true && process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H');
      print(format(report, options));
      process.exitCode = exitCode(report);
      if (options.watch === true) await new Promise((resolve) => setTimeout(resolve, 5000));
    } while (options.watch === true);
  });

sourceOptions(program.command('snapshot'))
  .description('writes the facts, redacted, for a later run --snapshot')
  .action(async (options: SourceOptions) => {
    const inputs = inputsFor(runbooks, options.input);
    const taken = await runOnce(runbooks, { ...options, input: inputs });
    const snapshot = takeSnapshot(taken, { probed: options.clusterOnly !== true, inputs });
    print(legibleJson(snapshot));
    note(`${snapshot.facts.length} facts, ${snapshot.redacted.length} values taken out.`);
  });

program
  .command('demo')
  .description('serves the demo cluster and writes a kubeconfig for it, until stopped')
  .argument('[scenario]', 'a fault from: runbook scenarios', 'healthy')
  .option('--write <file>', 'where to write the kubeconfig')
  .addOption(troubleOption())
  .action(async (scenario: string, options: { write?: string; trouble?: string }) => {
    const { serveDemo } = await import('./demo.ts');
    await serveDemo(scenario, options, paint);
  });

function sourceOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, ~/.kube/config, in-cluster)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--demo [scenario]', 'ask the demo cluster, healthy or with a fault')
    .addOption(troubleOption())
    .option('--snapshot <file>', 'judge the facts of a snapshot')
    .option('--cluster-only', 'ask the cluster’s API only: no DNS, TCP, TLS or HTTP probe')
    .option('--timeout <seconds>', 'how long one request may take', seconds, 10)
    .option(
      '--input <name=value>',
      `an input of a runbook, several times if need be (${declaredInputs(runbooks)
        .map(({ name, example }) => `${name}=${example}`)
        .join(', ')})`,
      input,
      {},
    );
}

function outputOption(...formats: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <format>', 'how to print').choices([...formats]).default(formats[0]);
}

function troubleOption(): Option {
  const kinds = Object.keys(troubles).join(', ');
  return new Option('--trouble <kind>', `trouble on the way to the demo cluster: ${kinds}`);
}

function seconds(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0 || number > 3600)
    throw new InvalidArgumentError('It takes seconds, more than 0.');
  return number;
}

function input(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It takes name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function choose(ids: readonly string[], all: boolean): readonly Runbook[] {
  const known = `The runbooks are: ${runbooks.map(({ id }) => id).join(', ')}.`;
  if (all && ids.length > 0) throw new UsageError('Name runbooks, or pass --all, but not both.', known);
  if (all) return runbooks;
  if (ids.length === 0) throw new UsageError('No runbook is named.', `${known} Or pass --all.`);
  return [...new Set(ids)].map((id) => {
    const found = runbooks.find((runbook) => runbook.id === id);
    if (found === undefined) throw new UsageError(`There is no runbook ${id}.`, known);
    return found;
  });
}

function inputsFor(
  chosen: readonly Runbook[],
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const checked = checkInputs(chosen, given);
  if (!checked.ok) throw new UsageError(checked.message, checked.hint);
  return checked.inputs;
}

function chooseSource({ kubeconfig, context, demo, trouble, snapshot, manifests }: SourceOptions): Choice {
  const live = kubeconfig !== undefined || context !== undefined;
  if ([live, demo !== undefined, snapshot !== undefined, manifests !== undefined].filter(Boolean).length > 1) {
    throw new UsageError(
      'A run asks one cluster.',
      'Pass --kubeconfig and --context, or --demo, or --snapshot, or --manifests.',
    );
  }
  if (trouble !== undefined && demo === undefined) {
    throw new UsageError('Trouble is made for the demo cluster only.', 'Pass --demo, or leave --trouble out.');
  }
  if (manifests !== undefined) return { source: 'manifests', places: manifests };
  if (snapshot !== undefined) return { source: 'snapshot', file: snapshot };
  if (demo !== undefined) {
    return {
      source: 'demo',
      scenario: demo === true ? 'healthy' : demo,
      ...(trouble === undefined ? {} : { trouble }),
    };
  }
  return {
    source: 'live',
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}

async function runOnce(named: readonly Runbook[], options: SourceOptions): Promise<Run> {
  const source = await openSource(chooseSource(options), { timeoutMs: options.timeout * 1000 });
  const chosen = source.runbook === undefined ? named : [source.runbook, ...named];
  source.notes?.forEach((text) => note(legible(text)));
  const total = new Set(chosen.flatMap((runbook) => runbook.checks.map(({ id }) => id))).size;
  const bar = progress(process.stderr, total);
  try {
    return await run({
      runbooks: chosen,
      cluster: source.cluster,
      ...(source.probes === undefined || options.clusterOnly === true ? {} : { probes: source.probes }),
      ...(source.now === undefined ? {} : { now: source.now }),
      inputs: source.inputs ?? options.input,
      onVerdict: bar.step,
    });
  } finally {
    bar.end();
    await source.close();
  }
}

function format(report: Report, { output, verbose }: RunCommandOptions): string {
  switch (output) {
    case 'text':
      return toText(report, { paint, verbose: verbose === true });
    case 'json':
      return legibleJson(report);
    case 'junit':
      return toJunit(report).trimEnd();
    case 'markdown':
      return toMarkdown(report).trimEnd();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => columns(row[column] ?? '')))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - columns(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Says what went wrong and what to do; a person is never shown a stack, except of our own bugs. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exit.usage;
  const isOurs =
    error instanceof UsageError ||
    error instanceof ChoiceError ||
    (error instanceof Error && error.name === 'KubeconfigError');
  if (isOurs && error instanceof Error) {
    const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
    note(
      `${paintError.red('error:')} ${wrap(legible(error.message), 100)}${hint === '' ? '' : `\n${wrap(legible(hint), 100)}`}`,
    );
    return exit.usage;
  }
  note(`This is a bug in the handbook, not in your cluster. Please report it with what follows.\n`);
  note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exit.bug;
}

// A reader that closes the pipe, such as head, ends the program; it is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exit.bug));

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = explain(error);
}
