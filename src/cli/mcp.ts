/** Starts what an assistant speaks with: a person chooses here what it may see, and it chooses nothing of that. */
import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import { runbooks } from '../../runbooks/index.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { createRenaming, type Known } from '../assistant/discreet.ts';
import { openFolders, type Folders } from '../assistant/folders.ts';
import { serve } from '../assistant/serve.ts';
import { createRuns, type Chosen } from '../assistant/session.ts';
import { createTurns } from '../assistant/turns.ts';
import { remove, temporaryFolder } from '../demo/node/temporary.ts';
import { Refusal } from '../formats/refusal.ts';
import { legible } from '../runbook/legible.ts';
import { bugsTo, explainBugs, heedInterruptions, note } from './ending.ts';
import { chooseSource, inputsFor, type SourceOptions } from './options.ts';

/** @returns the exit code. */
export async function serveMcp(options: SourceOptions): Promise<number> {
  const given = inputsFor(runbooks, options.input);
  const inputs = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const folders = await openFolders(options.manifests ?? []);
  const chosen: Chosen = {
    ...{ cluster: clusterOf(options), folders, crds: options.crds, inputs },
    ...{ timeoutMs: options.timeout * 1000, deadlineMs: options.deadline * 1000 },
    clusterOnly: options.clusterOnly === true,
  };
  const interruption = heedInterruptions();
  const { signal, interrupt, bugs } = interruption;
  const log = (text: string): void => note(legible(text));
  if (process.stdin.isTTY)
    log('An assistant’s client starts this and speaks on standard input. Press Ctrl+C to end it.');
  await serve({
    ...chosen,
    ...{ signal, interrupt, bugsTo, log, version: packageJson.version },
    turns: createTurns(),
    runs: createRuns(),
    scratch: { make: temporaryFolder, remove },
    renamed: createRenaming(knownPlaces(folders, options)),
    logBug: (error) => void explainBugs([error]),
  });
  interruption.release();
  return bugs.length === 0 ? 0 : explainBugs(bugs);
}

/** What runs ask; nothing where manifests alone were named, as for a run of them. */
function clusterOf(options: SourceOptions): Chosen['cluster'] {
  const { manifests, crds, ...asked } = options;
  const { kubeconfig, context, demo, snapshot } = asked;
  const given = [kubeconfig, snapshot, crds].find((file) => file === '-' || /^\/(?:dev|proc)\//.test(file ?? ''));
  if (given !== undefined) {
    throw new Refusal(
      'usage',
      `${given} is no file that can be read again and again.`,
      'Standard input is where the assistant speaks: name a file.',
    );
  }
  const isNamed = [kubeconfig, context, demo, snapshot].some((one) => one !== undefined);
  if (manifests !== undefined && !isNamed) return undefined;
  // As for a run, definitions are for manifests; those are judged apart from what is asked.
  const choice = chooseSource(manifests === undefined ? options : asked);
  if (choice.source === 'manifests') throw new Error('A cluster was to be chosen.');
  return choice;
}

/** Where things are on this machine, and what they are called when an answer would name them. */
function knownPlaces({ known }: Folders, { kubeconfig, snapshot, crds }: SourceOptions): readonly Known[] {
  const files = [
    kubeconfig,
    snapshot,
    crds,
    ...(process.env['KUBECONFIG'] ?? '').split(process.platform === 'win32' ? ';' : ':'),
  ];
  return [
    ...known,
    ...files
      .filter((file): file is string => file !== undefined && file !== '')
      .flatMap((file) => [file, resolve(file)].map((path) => ({ path, told: basename(path) }))),
    { path: homedir(), told: '~' },
  ];
}
