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

it.each([
  ['the owner’s', owners],
  ['that of the tests', fixtures],
  ['another', stack],
])('%s is sound', (_, sound) => expect(stackTroubles(sound)).toEqual([]));

const [first, second] = owners.apps;

describe('tells what is wrong', () => {
  it.each<[string, object, string]>([
    ['a field that is left out', { domain: undefined }, 'domain is not there'],
    ['a field that nobody knows', { gatway: {} }, 'gatway'],
    ['a name with capitals', { gateway: { ...owners.gateway, name: 'Front' } }, 'gateway.name is "Front"'],
    ['a hostname with a dot at the end', { domain: 'example.org.' }, 'domain is "example.org."'],
    ['a port that is none', { vault: { ...owners.vault, port: 70_000 } }, 'vault.port is 70000'],
    ['an address that is none', { node: { name: 'node', address: '10.0.0' } }, 'node.address is "10.0.0"'],
    ['an unknown program', { apps: [{ ...first, program: 'nginx' }] }, 'apps[0].program is "nginx"'],
    ['no app', { apps: [] }, 'apps is wrong'],
    ['an app of another domain', { domain: 'example.org' }, 'which is not in the domain example.org'],
    ['the same app twice', { apps: [first, second, second] }, 'as apps[1] is'],
    ['examples that follow no app', { app: { ...owners.app, name: 'gone' } }, 'which is none of apps'],
    [
      'a split horizon of no app',
      { splitHorizon: { ...owners.splitHorizon, hostname: 'x.example.org' } },
      'none of apps',
    ],
  ])('%s', (_, change, told) => {
    expect(stackTroubles({ ...owners, ...change }).join('\n')).toContain(told);
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
