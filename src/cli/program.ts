/**
 * The terminal: lists runbooks, runs them, and says on standard output what came of it. Everything else, progress included,
 * goes to standard error.
 */
import { Refusal } from '../formats/refusal.ts';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { runbooks } from '../../runbooks/index.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { painter } from '../report/paint.ts';
import { compare, diffExitCode } from '../runbook/diff.ts';
import { legible, legibleJson } from '../runbook/legible.ts';
import { eachCheckOnce, findingsOf } from '../runbook/catalogue.ts';
import type { ProblemKind } from '../runbook/fact.ts';
import { takeSnapshot } from '../runbook/snapshot.ts';
import { end, exit, exitCodes, explain, guardEnds, heedInterruptions, note } from './ending.ts';
import { diffFormats, formatDiff, formatReport, runFormats, type FormatOptions } from './formats.ts';
import { choose, chooseSource, inputsFor, outputOption, sourceOptions, troubleOption } from './options.ts';
import type { SourceOptions } from './options.ts';
import { permissionsCommand } from './permissions.ts';
import { runOnce, type Finished } from './running.ts';
import { shortened } from '../report/shorten.ts';
import { columns } from '../report/style.ts';
import { watching, watchSeconds } from './watching.ts';

interface RunCommandOptions extends SourceOptions {
  all?: boolean;
  output: (typeof runFormats)[number];
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
  .action(async ({ output }: { output: string }) => {
    const { loadFaults } = await import('../demo/node/faults.ts');
    const rows = loadFaults().map(({ id, title, component, runbook }) => ({ id, title, component, runbook }));
    print(
      output === 'json'
        ? legibleJson(rows)
        : table(
            rows.map(({ id, title, component, runbook }) => [paint.bold(id), title, component, paint.dim(runbook)]),
          ),
    );
  });

permissionsCommand(program.command('permissions'), (text) => print(text));

sourceOptions(program.command('run'))
  .description('runs runbooks')
  .argument('[id...]', 'which runbooks')
  .option('--all', 'run every runbook')
  .option(
    '--manifests <place...>',
    'judge manifests before they are merged: files, folders, or - for what is piped in; with --context, by the kinds that a cluster has; every runbook if none is named',
  )
  .option(
    '--exclude <pattern>',
    'files and folders to leave out of --manifests, as in .gitignore; several times if need be',
    (pattern: string, before: readonly string[] | undefined) => [...(before ?? []), pattern],
  )
  .option(
    '--crds <place>',
    'CustomResourceDefinitions of what is installed, for --manifests: a file, a folder, or -; for what no cluster tells',
  )
  .option('--accept <file>', 'findings that are known and accepted until a date (YAML): shown, but not counted')
  .addOption(outputOption(...runFormats))
  .option('-v, --verbose', 'show every check with what was found')
  .option(
    '--watch',
    'run again every five seconds, until stopped, and mark what changes; in a pipe a line for each change',
  )
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
    if (options.watch === true && options.output !== 'text' && options.output !== 'json') {
      throw new Refusal(
        'usage',
        `A watch has no end, and ${options.output} is of one run.`,
        'Leave --watch out, or print text (a line for each change) or json (a report a line).',
      );
    }
    const choice = chooseSource(options);
    const input = inputsFor(chosen, options.input);
    const interruption = heedInterruptions();
    const { signal, release } = interruption;
    const how = { ...options, input };
    if (options.watch !== true) {
      process.exitCode = await runOnce(chosen, choice, how, interruption, (done) => {
        release();
        printReport(done, options);
      });
      return;
    }
    const show = watching({
      isTerminal: process.stdout.isTTY,
      isJson: options.output === 'json',
      paint,
      format: (report) => formatReport(report, options.output, { ...faceOf(options), who: [] }),
      print,
    });
    const isStopped = (): boolean => signal.aborted;
    let last: number | undefined;
    while (!isStopped()) {
      const isAgain = last !== undefined;
      // A run that was stopped half way says nothing that the one before did not.
      const code = await runOnce(chosen, choice, { ...how, isAgain }, interruption, ({ report }) => {
        if (!isAgain || !isStopped()) show(report);
      });
      last = isStopped() ? (last ?? code) : code;
      process.exitCode = last;
      await pause(watchSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
    release();
  });

program
  .command('diff')
  .description('compares two reports (run -o json) or snapshots: what is introduced, fixed, unchanged')
  .argument('<old>', 'the older one, a file')
  .argument('<new>', 'the newer one, a file')
  .addOption(outputOption(...diffFormats))
  .option('-v, --verbose', 'list what is unchanged, too')
  .addHelpText('after', '\nIt ends with 1 when something is introduced that fails, else with 0.')
  .action(
    async (older: string, newer: string, options: { output: (typeof diffFormats)[number]; verbose?: boolean }) => {
      const { readReport } = await import('../sources/report.ts');
      const diff = compare(await readReport(older), await readReport(newer));
      process.exitCode = diffExitCode(diff);
      print(formatDiff(diff, options.output, { paint, verbose: options.verbose === true }));
    },
  );

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

const faceOf = ({ verbose, manifests }: RunCommandOptions): Omit<FormatOptions, 'who'> => ({
  paint,
  verbose: verbose === true,
  nowhere: manifests?.[0],
});

/** Prints a report; one that is longer than a text can be, without what is long. */
function printReport({ report, who }: Finished, options: RunCommandOptions): void {
  // Who asks was said on the same screen just now.
  const isSaid = process.stdout.isTTY && process.stderr.isTTY;
  const said = isSaid ? [] : who;
  const { output } = options;
  const how = { ...faceOf(options), who: said };
  try {
    print(formatReport(report, output, how));
  } catch (error) {
    print(formatReport(shortened(report), output, how));
    throw error;
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
