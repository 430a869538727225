/** `npm run adopt` in clones of the handbook: what it reads, asks, writes and refuses. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { stack as fixtures } from '../stacks/fixtures.ts';
import { stack as other } from '../stacks/other.ts';
import type { Stack } from '../../runbooks/stack-type.ts';
import { addressOf } from '../../src/cli/adopt/repository.ts';
import { homelabOf } from '../../src/demo/homelab.ts';
import { cloneHandbook } from '../support/clone.ts';
import { writeFolder } from '../support/manifests.ts';
import { gathered, onTerminal, startRunbook, type Ended, type Started } from '../support/terminal.ts';

const temporary = mkdtempSync(join(tmpdir(), 'adopt-test-'));
const kubeconfig = join(temporary, 'kubeconfig');
const sick = join(temporary, 'sick');
const demos: Started[] = [];
let clone: string;
let original: string;

const serve = async (...args: readonly string[]): Promise<void> => {
  const demo = startRunbook(['demo', ...args], { env: { NODE_OPTIONS: '--conditions=handbook-other' } });
  demos.push(demo);
  await demo.says('Ctrl+C');
};

beforeAll(async () => {
  clone = cloneHandbook();
  original = read();
  await Promise.all([serve('--write', kubeconfig), serve('--write', sick, '--trouble', 'internal-error')]);
});
afterAll(async () => {
  for (const { child } of demos) child.kill();
  await Promise.all(demos.map(({ ended }) => ended));
  for (const folder of [clone, temporary]) rmSync(folder, { recursive: true, force: true });
});

const file = (): string => join(clone, 'runbooks/stack.ts');
const read = (): string => readFileSync(file(), 'utf8');
const restore = (text = original): void => writeFileSync(file(), text);

/** Nothing of this process's own conditions: the clone's stack is that of its stack file. */
const environment = { PATH: process.env['PATH'] ?? '', HOME: temporary, TMPDIR: temporary };

function adopt(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['src/cli/adopt/main.ts', ...args], { cwd: clone, env: environment });
  child.stdin.end();
  return gathered(child).ended;
}

let times = 0;
const stackNow = async (): Promise<Stack> =>
  ((await import(`${pathToFileURL(file()).href}?${(times += 1)}`)) as { stack: Stack }).stack;

const isFormatted = async (): Promise<boolean> =>
  check(read(), { ...(await resolveConfig(join(process.cwd(), 'package.json'))), filepath: file() });

/** What no object of a cluster tells. */
const untold = (stack: Stack): Stack => ({
  ...stack,
  site: { ...other.site, url: `https://${stack.app.hostname}`, title: fixtures.site.title },
  node: other.node,
  tailscaleOperator: { ...stack.tailscaleOperator, oauthSecret: other.tailscaleOperator.oauthSecret },
  clusterIssuer: { ...stack.clusterIssuer, email: other.clusterIssuer.email },
  cilium: stack.cilium && { ...stack.cilium, configMap: other.cilium?.configMap ?? '' },
  splitHorizon: stack.splitHorizon && { ...stack.splitHorizon, pages: other.splitHorizon?.pages ?? '' },
});

/** The same stack, whatever the order of its apps, and what they are beside what a cluster tells. */
const comparable = (stack: Stack): unknown => {
  const { app, apps, ...names } = stack;
  const plain = ({ program: _, ...rest }: Stack['app']): object => rest;
  return {
    ...names,
    site: null,
    app: plain(app),
    apps: apps.map(plain).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
  };
};

describe('from a cluster', () => {
  it('takes over every name that it tells, and says what it changed and what is left', async () => {
    restore();
    writeFileSync(join(clone, 'infrastructure-notes.md'), 'See docs.sudhanva.me,\nnot mydocs.sudhanva.metal.\n');
    const { code, stdout, stderr } = await adopt('--yes', '--no-renew', '--kubeconfig', kubeconfig);
    rmSync(join(clone, 'infrastructure-notes.md'));
    expect(stderr).toMatch(/^Asks https:.*\n$/);
    expect(code).toBe(0);
    const after = await stackNow();
    expect(comparable(untold(after))).toEqual(comparable(other));
    expect(stdout).toContain('  gatewayClass.name: inward   (Gateway ingress/front-door)\n');
    expect(stdout).toContain('unless you give them (--set PATH=VALUE): clusterIssuer.email, site.{title,');
    expect(stdout).toContain('Not among the apps any longer: docs, headlamp, jellyfin. To keep them: --no-apps\n');
    expect(stdout).toMatch(/^-\d+ {3}domain: 'sudhanva\.me',$/m);
    expect(stdout).toMatch(/^\+\d+ {3}domain: 'lab\.example\.net',$/m);
    expect(stdout).toContain('    infrastructure-notes.md:1: docs.sudhanva.me\n');
    expect(stdout).toContain('  npm run record\n  npm run diagrams\n');
  });

  it('keeps the form and the comments of the file, and leaves nothing else behind', async () => {
    expect(await isFormatted()).toBe(true);
    const comments = original.match(/\/\*\* .* \*\//g) ?? [];
    expect(comments.length).toBeGreaterThan(5);
    for (const comment of comments) expect(read()).toContain(comment);
    expect(readdirSync(join(clone, 'runbooks')).filter((name) => name.startsWith('.'))).toEqual([]);
    const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' });
    expect(stdout.split('\n').filter((line) => !line.startsWith('A  '))).toEqual(['AM runbooks/stack.ts', '']);
  });

  it('has nothing to say the second time', async () => {
    const { code, stdout } = await adopt('--yes', '--no-renew', '--kubeconfig', kubeconfig);
    expect(code).toBe(0);
    expect(stdout).toContain('runbooks/stack.ts says all of this already.');
  });

  it('that cannot be read says so of each kind, and leaves its names as they are', async () => {
    restore();
    const { code, stdout } = await adopt('--dry-run', '--kubeconfig', sick);
    expect(code).toBe(0);
    expect(stdout).toContain('Could not be read, so nothing tells what it holds:\n  Could not read ');
    expect(stdout.match(/Could not read gateways/g)).toHaveLength(1);
    expect(stdout).toContain('says all of this already');
    expect(read()).toBe(original);
  });
});

describe('from manifests', () => {
  const written = writeFolder({
    'all.yaml': homelabOf(other)
      .objects.filter(({ kind }) => kind !== 'CustomResourceDefinition')
      .map((object) => stringify({ ...object, status: undefined }))
      .join('---\n'),
  });

  it('takes over what they tell: all but what only a cluster gives', async () => {
    restore();
    const { code, stderr } = await adopt('--yes', '--no-renew', '--manifests', written);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const after = await stackNow();
    expect(comparable(untold({ ...after, tailnet: other.tailnet }))).toEqual(comparable(other));
    expect(after.tailnet).toBe(fixtures.tailnet);
  });

  const gatewayOf = (name: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec:
  gatewayClassName: envoy
  listeners: [{ name: web, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: pair }] } }]
`;
  /** As many keep them: without namespaces, which kustomize gives, and without hostnames at listeners. */
  const gitops = writeFolder({
    'net/kustomization.yaml': 'namespace: network\nresources: [gateways.yaml]\n',
    'net/gateways.yaml': `${gatewayOf('internal')}---
${gatewayOf('external')}---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec:
  controllerName: gateway.envoyproxy.io/gatewayclass-controller
  parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, namespace: network, name: proxy }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: proxy }
spec: {}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: names }
spec: { dnsNames: [example.org, '*.example.org'], issuerRef: { kind: ClusterIssuer, name: acme }, secretName: pair }
`,
  });

  it('asks which of several Gateways is meant', async () => {
    restore();
    const { code, stderr } = await adopt('--yes', '--manifests', gitops);
    expect(code).toBe(64);
    expect(stderr.replace(/\s+/g, ' ')).toContain('which one is meant: network/internal, network/external.');
    expect(stderr).toContain('Name it: --gateway network/internal');
    expect(read()).toBe(original);
  });

  it('follows a Gateway to its class, parameters and certificate, and that to the domain', async () => {
    restore();
    expect((await adopt('--yes', '--no-renew', '--manifests', gitops, '--gateway', 'network/internal')).code).toBe(0);
    expect(await stackNow()).toMatchObject({
      domain: 'example.org',
      gateway: { namespace: 'network', name: 'internal', listener: 'web' },
      gatewayClass: { name: 'envoy' },
      envoyProxy: { namespace: 'network', name: 'proxy' },
      certificate: { namespace: 'network', name: 'names', secret: 'pair' },
      clusterIssuer: { name: 'acme' },
      app: { hostname: 'docs.example.org' },
      vault: { hostname: 'vault.example.org' },
      // No object says what runs, so the apps are as they were.
      apps: fixtures.apps.map(({ name }) => ({ name })),
    });
  });
});

describe('what is given', () => {
  it('stands above what is told', async () => {
    restore();
    const given = [
      '--set',
      'tailnet=oak.ts.net',
      '--set',
      'vault.port=8201',
      '--set',
      'site.url=https://a.example.net',
    ];
    expect((await adopt('--yes', '--no-renew', '--kubeconfig', kubeconfig, ...given, '--no-apps')).code).toBe(0);
    const after = await stackNow();
    expect(after).toMatchObject({
      tailnet: 'oak.ts.net',
      vault: { port: 8201 },
      site: { url: 'https://a.example.net' },
    });
    expect(after.apps.map(({ name }) => name)).toEqual(fixtures.apps.map(({ name }) => name));
  });

  it('is enough by itself', async () => {
    restore();
    expect((await adopt('--yes', '--no-renew', '--domain', 'example.org', '--gateway', 'net/in')).code).toBe(0);
    expect(await stackNow()).toMatchObject({ domain: 'example.org', gateway: { namespace: 'net', name: 'in' } });
  });

  it('is only shown in a dry run', async () => {
    restore();
    const { code, stdout } = await adopt('--dry-run', '--domain', 'example.org');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\+\d+ {3}domain: 'example\.org',$/m);
    expect(read()).toBe(original);
  });

  it.each([
    { what: 'no terminal', args: [], says: 'standard input is no terminal. Pass --yes' },
    { what: 'a path that is none', args: ['--set', 'gatway.name=x'], says: 'Did you mean gateway.name?' },
    { what: 'no value', args: ['--set', 'domain'], says: '--set takes PATH=VALUE' },
    { what: 'a name with capitals', args: ['--set', 'device.name=Door'], says: 'device.name is "Door": is no name' },
    { what: 'a port that is none', args: ['--set', 'vault.port=many'], says: 'vault.port is "many"' },
    { what: 'a Gateway that is none', args: ['--gateway', 'internal'], says: '"internal" is none' },
    { what: 'a domain that is none', args: ['--domain', 'lab'], says: 'domain is "lab"' },
    {
      what: 'a hostname outside the domain',
      args: ['--set', 'vault.hostname=v.example.org'],
      says: 'not in the domain',
    },
    { what: 'two places', args: ['--manifests', '.', '--context', 'x'], says: 'Names are read in one place.' },
    {
      what: 'a folder that is not there',
      args: ['--manifests', 'nowhere'],
      says: 'There is no file or folder nowhere.',
      code: 66,
    },
    { what: 'a context that is not there', args: ['--kubeconfig', '/nowhere'], says: '/nowhere', code: 66 },
  ])('is refused: $what', async ({ args, says, code = 64 }) => {
    restore();
    const ended = await adopt(...(args.length === 0 ? [] : ['--yes']), ...args);
    expect(ended.stderr.replace(/\s+/g, ' ')).toContain(says);
    expect(ended.stderr).not.toContain('    at ');
    expect(ended.code).toBe(code);
    expect(read()).toBe(original);
  });
});

describe('a stack file that somebody has edited', () => {
  const edited = async (from: string, to: string, ...args: readonly string[]): Promise<Ended> => {
    expect(original).toContain(from);
    restore(original.replace(from, to));
    return adopt('--yes', '--no-renew', ...args);
  };

  it('keeps what it says of its apps, in their order, and their comments', async () => {
    const ended = await edited(
      "    {\n      namespace: 'jellyfin',",
      "    // Mine, since 2019.\n    {\n      // Behind the sofa.\n      namespace: 'jellyfin',",
      '--domain',
      'example.org',
    );
    expect(ended.code).toBe(0);
    expect(read()).toContain("// Mine, since 2019.\n    {\n      // Behind the sofa.\n      namespace: 'jellyfin',");
    expect(read()).toContain("hostname: 'jellyfin.example.org',");
    expect(read()).toContain('  apps: [\n    app,\n');
    expect(await isFormatted()).toBe(true);
  });

  it('may hold names in constants and double quotes', async () => {
    const ended = await edited("  domain: 'sudhanva.me',", '  domain: zone,', '--domain', 'example.org');
    expect(ended.code).not.toBe(0);
    restore(
      original
        .replace("  domain: 'sudhanva.me',", '  domain: zone,')
        .replace('export const stack: Stack = {', 'const zone = "sudhanva.me";\n\nexport const stack: Stack = {'),
    );
    expect((await adopt('--yes', '--no-renew', '--domain', 'example.org')).code).toBe(0);
    expect(read()).toContain("const zone = 'example.org';");
  });

  it.each([
    {
      what: 'a name that is computed',
      from: "  tailnet: 'tail1234.ts.net',",
      to: "  tailnet: ['tail1234', 'ts.net'].join('.'),",
      says: 'tailnet is not written as a plain value at runbooks/stack.ts:',
    },
    {
      what: 'a stack from elsewhere',
      from: 'export const stack: Stack = {',
      to: 'export const stack: Stack = withAll({',
      also: 'function withAll(names: Stack): Stack {\n  return names;\n}\n',
      end: true,
      says: 'has no object that is declared as stack',
    },
    {
      what: 'a name that is given again below',
      from: 'export const stack: Stack = {',
      to: 'export const stack: Stack = {',
      also: "\nstack.tailnet = 'tail1234.ts.net';\n",
      says: 'cannot be changed without a person',
    },
  ])('is left alone: $what', async ({ from, to, also = '', end, says }) => {
    const text = `${original.replace(from, to).replace(end === true ? /\};\n$/ : /$^/, '});\n')}${also}`;
    restore(text);
    const { code, stderr } = await adopt('--yes', '--no-renew', '--set', 'tailnet=oak.ts.net');
    expect(stderr.replace(/\s+/g, ' ')).toContain(says);
    expect(code).toBe(66);
    expect(read()).toBe(text);
  });

  it('may call two names by one constant, as long as they are one', async () => {
    const shared = original
      .replace("  domain: 'sudhanva.me',", '  domain: zone,')
      .replace("tailnet: 'tail1234.ts.net',", 'tailnet: zone,')
      .replace('export const stack: Stack = {', "const zone = 'sudhanva.me';\n\nexport const stack: Stack = {");
    restore(shared);
    const apart = await adopt('--yes', '--no-renew', '--domain', 'example.org', '--set', 'tailnet=oak.ts.net');
    expect({ code: apart.code, text: read() }).toEqual({ code: 66, text: shared });
    expect(apart.stderr).toContain('cannot be changed without a person');
    expect((await adopt('--yes', '--no-renew', '--domain', 'example.org')).code).toBe(0);
    expect(await stackNow()).toMatchObject({ domain: 'example.org', tailnet: 'example.org' });
  });

  it('is not overwritten where it cannot be used', async () => {
    const ended = await edited("domain: 'sudhanva.me'", "domain: 'Sudhanva'", '--domain', 'example.org');
    expect(ended.code).toBe(66);
    expect(ended.stderr).toContain('runbooks/stack.ts cannot be used');
  });
});

describe('on a terminal', () => {
  const script = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'script')));

  /** Types each answer when its question stands there. */
  const typed = (args: readonly string[], answers: readonly (readonly [string, string])[]): Promise<Ended> =>
    onTerminal([process.execPath, 'src/cli/adopt/main.ts', ...args].join(' '), answers, {
      cwd: clone,
      env: { ...environment, TERM: 'dumb' },
    });

  it.runIf(script)('asks what nothing tells, again where an answer cannot be, and before it writes', async () => {
    restore();
    writeFileSync(join(clone, 'wrangler.jsonc'), '{ "name": "homelab-docs" }\n');
    const { code, stdout } = await typed(
      ['--no-renew', '--kubeconfig', kubeconfig],
      [
        ['The address of its ACME account [acme@lab.example.net]: ', 'nobody\r'],
        ['The address of its ACME account [acme@lab.example.net]: ', 'me@example.net\r'],
        ['The title of your copy', 'Lab\r'],
        ['The address that it is published at', '\r'],
        ['The address of your repository', 'https://git.example.net/a/b\r'],
        ['The host that Cloudflare Pages gives it', 'mine.pages.dev\r'],
        ['Write this to runbooks/stack.ts?', 'y\r'],
      ],
    );
    expect(stdout).toContain('clusterIssuer.email is "nobody"');
    expect(code).toBe(0);
    expect(await stackNow()).toMatchObject({
      clusterIssuer: { name: 'acme-lab', email: 'me@example.net' },
      site: { title: 'Lab', url: 'https://guide.lab.example.net', repository: 'https://git.example.net/a/b' },
      splitHorizon: { pages: 'mine.pages.dev' },
    });
    expect(stdout).toMatch(/wrangler\.jsonc:1: homelab-docs/);
  });

  it.runIf(script)('writes nothing when somebody says no, or goes', async () => {
    restore();
    const all = questionsAsked.map((question) => [question, '\r'] as const);
    const no = await typed(['--domain', 'example.org'], [...all, ['Write this', 'n\r']]);
    expect(no.stdout).toContain('Nothing was written.');
    const gone = await typed(['--domain', 'example.org'], [['The Gateway that serves', '\u0003']]);
    expect(gone.code).toBe(130);
    expect(read()).toBe(original);
  });

  const questionsAsked = [
    'The Gateway that serves your hostnames, as NAMESPACE/NAME',
    'What a Certificate covers',
    'The name of its HTTPS listener',
    'Its GatewayClass',
    'The EnvoyProxy with',
    'The tailnet device',
    'MagicDNS suffix',
    'The Certificate of',
    'The Secret that',
    'The ClusterIssuer that',
    'The address of its ACME account',
    'The title of',
    'The address that it is published at',
    'The address of your repository',
    'The host that Cloudflare',
  ];
});

it('knows its own files without Git, too', async () => {
  restore();
  const git = join(clone, '.git');
  const notes = ['.github/note.md', 'a/note.md', '.note'];
  for (const note of notes) {
    mkdirSync(dirname(join(clone, note)), { recursive: true });
    writeFileSync(join(clone, note), `At ${fixtures.site.repository}.\n`);
  }
  renameSync(git, join(temporary, 'git'));
  try {
    const { code, stdout } = await adopt('--dry-run', '--set', 'site.repository=https://git.example.net/a/b');
    expect(code).toBe(0);
    for (const note of notes) expect(stdout).toContain(`    ${note}:1: ${fixtures.site.repository}\n`);
    expect(stdout).not.toContain('node_modules');
  } finally {
    renameSync(join(temporary, 'git'), git);
    for (const note of notes) rmSync(join(clone, note));
  }
});

it.each([
  ['git@github.com:somebody/home-ops.git', 'https://github.com/somebody/home-ops'],
  ['ssh://git@git.example.net:2222/somebody/lab.git', 'https://git.example.net/somebody/lab'],
  ['https://somebody:token@github.com/somebody/home-ops', 'https://github.com/somebody/home-ops'],
  ['https://github.com/somebody/home-ops.git/', 'https://github.com/somebody/home-ops'],
  ['/srv/git/home-ops.git', undefined],
  ['', undefined],
])('a remote %s is the repository %s', (remote, repository) => {
  expect(addressOf(remote)).toBe(repository);
});

it('renews what is made from the file', async () => {
  restore();
  // Without pages there is no diagram, and so no browser to look for.
  rmSync(join(clone, 'content'), { recursive: true });
  const { code, stdout } = await adopt('--yes', '--domain', 'example.org');
  expect(code).toBe(0);
  expect(stdout).toContain('0 diagrams: 0 drawn');
  const recorded = readFileSync(join(clone, 'src/site/runbook/recorded-runs.json'), 'utf8');
  expect(recorded).toContain('docs.example.org');
  expect(recorded).not.toContain('sudhanva.me');
}, 240_000);
