/**
 * The rooms of the house and the direction of imports: what each may import beside itself. A pure room runs in a browser, too; what of it
 * needs Node stands in its folder `node`. Of `types` a room takes nothing that runs.
 */
const engine = ['src/runbook', 'src/formats'];
/** The names of the stack, and what a stack file says. */
const names = ['stack', 'stack-type', 'stack-naming', 'stack-troubles', 'stack-listeners'].map(
  (name) => `runbooks/${name}.ts`,
);
const facts = ['src/cluster', 'src/probe', 'packages/apiserver', 'src/demo', 'src/manifests'];

/** @type {Record<string, { imports: readonly string[], types?: readonly string[], pure?: boolean }>} */
export const rooms = {
  runbooks: { imports: [...engine, 'src/kinds', 'src/gateways', ...names], pure: true },
  'runbooks/stack.ts': { imports: ['runbooks/stack-type.ts'], pure: true },
  'runbooks/stack-type.ts': { imports: [], pure: true },
  'runbooks/stack-listeners.ts': { imports: ['runbooks/stack-type.ts'], pure: true },
  'runbooks/stack-naming.ts': { imports: ['runbooks/stack-type.ts'], pure: true },
  'runbooks/stack-troubles.ts': {
    imports: ['runbooks/stack-type.ts', 'runbooks/stack-listeners.ts', 'src/kinds'],
    pure: true,
  },
  'src/formats': { imports: [], pure: true },
  'src/runbook': { imports: [], pure: true },
  'src/report': { imports: engine, pure: true },
  'src/kinds': { imports: ['src/formats'], pure: true },
  'src/gateways': { imports: ['src/formats'], pure: true },
  'src/cluster': { imports: engine },
  'src/probe': { imports: engine },
  'src/manifests': { imports: [...engine, 'src/kinds', 'src/gateways'] },
  'packages/apiserver': { imports: ['src/kinds', 'src/formats'], pure: true },
  'src/demo': { imports: ['packages/apiserver', 'src/kinds', 'src/gateways', 'src/formats', ...names], pure: true },
  'src/site': { imports: [...engine, 'src/report', 'runbooks', ...names, 'package.json', 'tools'] },
  'src/content.config.ts': { imports: ['src/site', 'src/runbook', 'runbooks', ...names] },
  'src/sources': { imports: [...engine, ...facts, 'src/kinds', 'runbooks', ...names] },
  'src/recording': { imports: [...engine, 'src/demo', 'src/sources', 'src/site', 'runbooks', ...names] },
  'src/server': {
    imports: [...engine, 'src/report', 'src/server/api', 'src/server/fence', 'src/sources', 'runbooks', ...names],
  },
  'src/server/api': {
    imports: [
      ...engine,
      'src/cluster',
      'src/probe',
      'packages/apiserver',
      'src/demo',
      'src/sources',
      'src/report',
      'src/server/fence',
      'src/site',
      'runbooks',
      ...names,
    ],
  },
  'src/server/fence': { imports: ['src/site'] },
  'src/server/page': { imports: ['src/report'], types: ['src/server/api'], pure: true },
  'src/assistant': { imports: [...engine, 'src/report', 'src/sources', 'src/site', 'runbooks', ...names] },
  'src/cli': {
    imports: ['package.json', ...engine, ...facts, 'src/report', 'src/sources', 'src/assistant', 'runbooks', ...names],
  },
};
