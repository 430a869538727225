/** A stack file that cannot be used is told as such, field by field, before anything is made of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { stack as owners } from '../../runbooks/stack.ts';
import { stackTroubles } from '../../runbooks/stack-troubles.ts';
import { stack as fixtures } from './fixtures.ts';
import { stack as lean } from './lean.ts';

it.each([
  ['the owner’s', owners],
  ['that of the tests', fixtures],
  ['another', stack],
  ['one without parts', lean],
])('%s is sound', (_, sound) => expect(stackTroubles(sound)).toEqual([]));

const [first, second] = stack.apps;

describe('tells what is wrong', () => {
  it.each<[string, object, string]>([
    ['a field that is left out', { domain: undefined }, 'domain is not there'],
    ['a field that nobody knows', { gatway: {} }, 'gatway'],
    ['a name with capitals', { gateway: { ...stack.gateway, name: 'Front' } }, 'gateway.name is "Front"'],
    ['a hostname with a dot at the end', { domain: 'example.org.' }, 'domain is "example.org."'],
    ['a port that is none', { vault: { ...stack.vault, port: 70_000 } }, 'vault.port is 70000'],
    ['an address that is none', { node: { name: 'node', address: '10.0.0' } }, 'node.address is "10.0.0"'],
    ['an unknown program', { apps: [{ ...first, program: 'nginx' }] }, 'apps[0].program is "nginx"'],
    ['no app', { apps: [] }, 'apps is wrong'],
    ['an app of another domain', { domain: 'example.org' }, 'which is not in the domain example.org'],
    ['the same app twice', { apps: [first, second, second] }, 'as apps[1] is'],
    ['examples that follow no app', { app: { ...stack.app, name: 'gone' } }, 'which is none of apps'],
    [
      'a split horizon of no app',
      { splitHorizon: { ...stack.splitHorizon, hostname: 'x.example.org' } },
      'none of apps',
    ],
    ['a part that is left out in place of being null', { cilium: undefined }, 'cilium is not there'],
    ['no section of its own for what is no part', { gateway: null }, 'gateway is wrong'],
    ['copies of what nobody keeps', { vault: null }, 'vault is null, and externalSecrets is not'],
    ['what nobody copies', { externalSecrets: null }, 'externalSecrets is null, and vault is not'],
    ['a horizon that nobody splits', { tailnetResolver: null }, 'tailnetResolver is null, and splitHorizon is not'],
    [
      'a hostname for which nobody answers',
      { tailnetResolver: null, splitHorizon: null, apps: [{ ...first, exposed: false }], app: first },
      'apps[0].exposed is false, and tailnetResolver is null',
    ],
  ])('%s', (_, change, told) => {
    expect(stackTroubles({ ...stack, ...change }).join('\n')).toContain(told);
  });

  it('of what is no stack at all', () => expect(stackTroubles(null)).toHaveLength(1));
});

it('ends a program in one message, without a stack trace', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'stack-')), 'stack.mjs');
  writeFileSync(file, `export const stack = ${JSON.stringify({ ...owners, domain: 'Example' })};`);
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (specifier, context, next) => specifier === '#stack' ? { url: ${JSON.stringify(pathToFileURL(file).href)}, shortCircuit: true } : next(specifier, context) });`;
  for (const program of ['src/cli/main.ts', 'src/server/start.ts', 'src/recording/record.ts']) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, program, 'list'],
      { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } },
    );
    expect({ status, stdout }, program).toEqual({ status: 66, stdout: '' });
    expect(stderr, program).toMatch(/^error: runbooks\/stack\.ts cannot be used\.\n {2}domain is "Example": /);
    expect(stderr, program).not.toContain('    at ');
  }
});
