/**
 * Opens the handbook on this machine, and says in a few lines where it is, which cluster will be asked and why that
 * one, as whom, how a browser gets to ask it, and how to choose another.
 */
import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { stack } from '#stack';
import { listSources } from './api/choices.ts';
import { door } from './fence/door.ts';
import { onEnter } from './enter-key.ts';
import { legible } from '../runbook/legible.ts';
import { painter } from '../report/paint.ts';

const paint = painter(process.stdout, process.env);
const errorWord = painter(process.stderr, process.env).red('error:');

const usage =
  'npm start -- [--kubeconfig FILE] [--context NAME] [--gateway NAMESPACE/NAME] [--domain DOMAIN] [--port N]';
const help = `usage: ${usage}

Opens the handbook at http://127.0.0.1:4321.

  --kubeconfig FILE         the kubeconfig whose contexts pages offer
  --context NAME            the context that they offer first
  --gateway NAMESPACE/NAME  the Gateway that is meant, in place of the one in runbooks/stack.ts
  --domain DOMAIN           the domain whose hostnames that Gateway serves
  --port N                  another port`;

function options(): { kubeconfig?: string; context?: string; port?: string; help?: boolean } {
  try {
    const string = { type: 'string' } as const;
    // The names have been put into the stack before.
    const names = { gateway: string, domain: string };
    return {
      ...parseArgs({
        options: { kubeconfig: string, context: string, port: string, ...names, help: { type: 'boolean', short: 'h' } },
      }).values,
    };
  } catch (error) {
    console.error(`${errorWord} ${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`);
    process.exit(64);
  }
}

const { kubeconfig, context, port = '4321', help: asksForHelp = false } = options();
if (asksForHelp) {
  console.log(help);
  process.exit(0);
}
if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
  console.error(`${errorWord} ${port} is not a port.\nusage: ${usage}`);
  process.exit(64);
}
if (kubeconfig !== undefined) process.env['HANDBOOK_KUBECONFIG'] = kubeconfig;
if (context !== undefined) process.env['HANDBOOK_CONTEXT'] = context;
process.env['ASTRO_TELEMETRY_DISABLED'] ??= '1';

const sources = legible(
  await listSources({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  }),
);
if (sources.problem !== null && sources.explicit) {
  console.error(`${errorWord} ${sources.problem.message}\n${sources.problem.hint}`);
  process.exit(64);
}
const chosen = sources.live.find(({ current }) => current);

const { dev } = await import('astro');
const server = await dev({
  logLevel: 'warn',
  server: { host: '127.0.0.1', port: Number(port) },
  // Another port than the one that people were told is worse than an error.
  vite: { server: { strictPort: true } },
}).catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  const isTaken = /already in use/.test(message);
  console.error(
    isTaken
      ? `${errorWord} Port ${port} is in use, perhaps by another handbook. Choose another with: npm start -- --port N`
      : `${errorWord} The handbook could not start: ${message}`,
  );
  process.exit(isTaken ? 64 : 70);
});

const why =
  context !== undefined
    ? 'named by --context'
    : kubeconfig !== undefined
      ? `current context of ${kubeconfig}`
      : process.env['KUBECONFIG']
        ? 'current context of KUBECONFIG'
        : 'current context of ~/.kube/config';
await door.origins.opened();
const hasKeyboard = onEnter(() => console.log(links().join('\n')));
const wayIn = [
  `To ask ${chosen === undefined ? 'your own' : 'it'}, open this link, or the second where the first is not found:`,
  ...links(),
  `It works once${hasKeyboard ? '; press Enter for another' : ''}. The address above has the demo cluster only.`,
];
console.log(
  [
    `${paint.bold(stack.site.title)} is at ${paint.cyan(`http://127.0.0.1:${server.address.port}`)}`,
    ...(chosen === undefined
      ? [
          `Runbooks ask ${paint.bold('the demo cluster')}: ${sources.problem?.message ?? 'the kubeconfig has no context.'}`,
        ]
      : [`Runbooks ask ${paint.bold(chosen.label)}, ${why}, at ${chosen.detail}. They only read.`]),
    ...(sources.live.length === 0 ? ['It is in this process and nobody’s; break it as you like.'] : wayIn),
    ...(process.env['HANDBOOK_NAMED'] === undefined
      ? []
      : [
          `Its pages speak of Gateway ${stack.gateway.namespace}/${stack.gateway.name} and ${stack.domain}, as you named them, and show no recorded runs.`,
        ]),
    `Another cluster: ${usage}`,
  ].join('\n'),
);

// Node keeps what it has compiled when it ends by itself, and a server is ended. Until then the first page has been asked for.
setTimeout(flushCompileCache, 5000).unref();

/** Links for one more browser. */
function links(): readonly string[] {
  return door.links().map((link) => `  ${paint.cyan(link)}`);
}
