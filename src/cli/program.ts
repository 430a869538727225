/**
 * The terminal: lists runbooks, runs them, and says on standard output what came of it. Everything else, progress included,
 * goes to standard error.
 */
import { Refusal } from '../formats/refusal.ts';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../demo/node/faults.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { painter } from '../report/paint.ts';
import { legible, legibleJson } from '../runbook/legible.ts';
import { toMarkdown } from '../report/markdown.ts';
import { eachCheckOnce, findingsOf } from '../runbook/catalogue.ts';
import { permissions } from '../runbook/permissions.ts';
import type { ProblemKind } from '../runbook/fact.ts';
import type { Report } from '../runbook/report.ts';
import { takeSnapshot } from '../runbook/snapshot.ts';
import { end, exit, exitCodes, explain, guardEnds, heedInterruptions, note } from './ending.ts';
import { toJunit } from '../report/junit.ts';
import { choose, chooseSource, inputsFor, outputOption, sourceOptions, troubleOption } from './options.ts';
import type { SourceOptions } from './options.ts';
import { runOnce, type Finished } from './running.ts';
import { shortened } from '../report/shorten.ts';
import { columns } from '../report/style.ts';
import { toText } from '../report/text.ts';

interface RunCommandOptions extends SourceOptions {
  all?: boolean;
  output: 'text' | 'json' | 'junit' | 'markdown';
  verbose?: boolean;
  watch?: boolean;
}

guardEnds();
const { version } = packageJson;
const paint = painter(process.stdout, process.env);

const program = new Command('runbook')
  .description('Examines a cluster for the Common Issues of this handbook. It only reads.')
  .version(version, '--version', 'the version of the handbook')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addHelpText('after', `\n${exitCodes}`)
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
  .command('findings')
  .description('everything that a check can find: id, headline, page')
  .addOption(outputOption('text', 'json'))
  .action(({ output }: { output: string }) => {
    const rows = eachCheckOnce(runbooks)
      .flatMap(findingsOf)
      .map(({ id, headline, means, page }) => ({ id, headline, means, page }));
    print(
      output === 'json'
        ? legibleJson(rows)
        : rows.map(({ id, headline }) => `${paint.bold(id)}\n  ${headline}`).join('\n'),
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
    'judge the manifests in folders, before they are merged; with --context, by the kinds that a cluster has; every runbook if none is named',
  )
  .option(
    '--crds <place>',
    'CustomResourceDefinitions of what is installed, for --manifests: a file, a folder, or -; for what no cluster tells',
  )
  .addOption(outputOption('text', 'json', 'junit', 'markdown'))
  .option('-v, --verbose', 'show every check with what was found')
  .option('--watch', 'run again every five seconds, until stopped')
  .addHelpText('after', `\n${exitCodes}`)
  .action(async (ids: string[], options: RunCommandOptions) => {
    const chosen = choose(ids, options.all === true || (options.manifests !== undefined && ids.length === 0), [
      ...(typeof options.demo === 'string' ? [options.demo] : []),
      // A folder may be called like a runbook.
      ...(options.manifests ?? []).filter((place) => !existsSync(place)),
    ]);
    if (options.snapshot !== undefined && Object.keys(options.input).length > 0) {
      throw new Refusal(
        'usage',
        'A snapshot is judged with the inputs that it was taken with.',
        'Leave --input out, or take it again with: snapshot --input name=value.',
      );
    }
    const choice = chooseSource(options);
    const input = inputsFor(chosen, options.input);
    const interruption = heedInterruptions();
    const { signal, release } = interruption;
    do {
      process.exitCode = await runOnce(chosen, choice, { ...options, input }, interruption, (done) => {
        if (options.watch !== true) release();
        if (options.watch === true && process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H');
        printReport(done, options);
      });
      if (options.watch === true) await pause(5000, undefined, { signal }).catch(() => undefined);
    } while (options.watch === true && !signal.aborted);
    release();
  });

sourceOptions(program.command('snapshot'))
  .description('writes the facts, redacted, for a later run --snapshot')
  .addHelpText('after', `\n${exitCodes}`)
  .action(async (options: SourceOptions) => {
    const choice = chooseSource(options);
    const inputs = inputsFor(runbooks, options.input);
    const interruption = heedInterruptions();
    let missing = 0;
    const code = await runOnce(runbooks, choice, { ...options, input: inputs }, interruption, (done) => {
      interruption.release();
      const snapshot = takeSnapshot(done, { probed: options.clusterOnly !== true, inputs });
      print(legibleJson(snapshot));
      if (done.report.notice !== undefined) note(legible(done.report.notice.message));
      missing = snapshot.facts.filter(({ fact }) => !fact.ok && !isAnswer.has(fact.problem.kind)).length;
      const unread = missing === 0 ? '' : `${missing} of them could not be read, `;
      note(`${snapshot.facts.length} facts, ${unread}${snapshot.redacted.length} values taken out.`);
    });
    // What is wrong with the cluster is for a run to say; a snapshot is whole or not.
    process.exitCode = code === exit.bug ? code : missing > 0 ? 2 : 0;
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

// An assistant's client gives up after a minute, as a rule.
sourceOptions(program.command('mcp'), 45)
  .description('serves the runbooks and the pages to an assistant, read-only, on standard input and output (MCP)')
  .option('--manifests <folder...>', 'folders whose manifests the assistant may have judged')
  .option('--crds <place>', 'CustomResourceDefinitions of what is installed, for --manifests: a file or a folder')
  .action(async (options: SourceOptions) => {
    const { serveMcp } = await import('./mcp.ts');
    process.exitCode = await serveMcp(options);
  });

/** Problems that are what is the case, and no lack of an answer. */
const isAnswer: ReadonlySet<ProblemKind> = new Set<ProblemKind>(['not-found', 'kind-not-installed']);

/** Prints a report; one that is longer than a text can be, without what is long. */
function printReport({ report, who }: Finished, options: RunCommandOptions): void {
  // Who asks was said on the same screen just now.
  const isSaid = process.stdout.isTTY && process.stderr.isTTY && options.watch !== true;
  const said = isSaid ? [] : who;
  try {
    print(format(report, said, options));
  } catch (error) {
    print(format(shortened(report), said, options));
    throw error;
  }
}

function format(report: Report, who: readonly string[], { output, verbose }: RunCommandOptions): string {
  switch (output) {
    case 'text':
      return toText(report, { paint, verbose: verbose === true, who });
    case 'json':
      return legibleJson(report);
    case 'junit':
      return toJunit(report).trimEnd();
    case 'markdown':
      return toMarkdown(report, who).trimEnd();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Rows under one another; where the terminal is too narrow for them, each on lines of its own. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => columns(row[column] ?? '')))) ?? [];
  const whole = widths.reduce((sum, width) => sum + width + 2, -2);
  if (process.stdout.isTTY && whole > process.stdout.columns)
    return rows.map(([first = '', ...others]) => [first, ...others.map((cell) => `  ${cell}`)].join('\n')).join('\n');
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - columns(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = explain(error);
}
await end();
