/** Who may import whom: the rooms of the house, read from the imports themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|astro)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

/** Every module that a file imports, statically, dynamically or only for its types. */
function importsOf(file: string): readonly string[] {
  const code = readFileSync(join(root, file), 'utf8');
  const found = code.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]/gm);
  return [...found].map(([, module]) => module ?? '');
}

/** The names of the stack, which more rooms take than what else is known of it. */
const names = 'runbooks/stack.ts';

/** The room that a file of the project stands in: `runbooks`, `src/cluster`, `src/server/api`, ... */
const roomOf = (file: string): string => {
  if (/^runbooks\/stack(-type|-naming|-troubles|-listeners)?\.ts$/.test(file)) return names;
  const own = file.split('/').slice(0, /^(src|packages)\//.test(file) ? 2 : 1);
  const [inner = ''] = file.split('/').slice(own.length);
  // The dev server has rooms of its own.
  return [...own, ...(own.join('/') === 'src/server' && !inner.includes('.') ? [inner] : [])].join('/');
};

const isOwn = (module: string): boolean => module.startsWith('.') || module === '#stack';

const edges = ['runbooks', 'packages', 'src'].flatMap(filesIn).flatMap((file) =>
  importsOf(file)
    .filter(isOwn)
    .map((module) => ({ file, to: module === '#stack' ? names : relative(root, join(root, dirname(file), module)) }))
    .map(({ file: from, to }) => ({ from, to, room: roomOf(from), other: roomOf(to) })),
);

const packages = ['runbooks', 'packages', 'src'].flatMap(filesIn).flatMap((file) =>
  importsOf(file)
    .filter((module) => !isOwn(module))
    .map((module) => ({ file, room: roomOf(file), module })),
);

/** What the ways in bring together. */
const known = [
  'src/runbook',
  'runbooks',
  names,
  'src/formats',
  'src/cluster',
  'src/probe',
  'packages/apiserver',
  'src/demo',
  'src/manifests',
  'src/report',
];

/** What each room may import, beside itself. A room that is not named may import nothing of the others. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  [names]: ['src/kinds'],
  runbooks: ['src/runbook', 'src/formats', 'src/kinds', 'src/gateways', names],
  'src/formats': [],
  'src/runbook': [],
  'src/report': ['src/runbook', 'src/formats'],
  'src/cluster': ['src/runbook', 'src/formats'],
  'src/probe': ['src/runbook', 'src/formats'],
  'src/kinds': ['src/formats'],
  'src/gateways': ['src/formats'],
  'src/manifests': ['src/runbook', 'src/kinds', 'src/gateways', 'src/formats'],
  'packages/apiserver': ['src/kinds', 'src/formats'],
  'src/demo': ['packages/apiserver', 'src/kinds', 'src/gateways', 'src/formats', names],
  'src/site': ['src/runbook', 'src/report', 'runbooks', names, 'src/formats', 'package.json', 'tools'],
  'src/content.config.ts': ['src/site', 'src/runbook', 'runbooks', names],
  'src/sources': [...known, 'src/kinds'],
  'src/recording': ['src/runbook', 'runbooks', names, 'src/demo', 'src/sources', 'src/site'],
  'src/server': [
    'src/runbook',
    'src/report',
    'src/formats',
    'runbooks',
    names,
    'src/server/api',
    'src/server/fence',
    'src/sources',
  ],
  'src/server/api': [
    ...known.filter((room) => room !== 'src/manifests'),
    'src/sources',
    'src/server/fence',
    'src/site',
  ],
  'src/server/fence': ['src/site'],
  'src/server/page': ['src/server/api', 'src/report'],
  'src/assistant': ['src/runbook', 'src/formats', 'src/report', 'src/sources', 'src/site', 'runbooks', names],
  'src/cli': ['package.json', ...known, 'src/sources', 'src/assistant'],
};

describe('who may import whom', () => {
  it('is read from real imports', () => {
    expect(edges.length).toBeGreaterThan(100);
    expect(edges).toContainEqual(
      expect.objectContaining({ from: 'runbooks/index.ts', to: 'src/runbook/runbook.ts', other: 'src/runbook' }),
    );
  });

  it('is said of every room', () => {
    expect([...new Set(edges.map(({ room }) => room))].filter((room) => !(room in allowed))).toEqual([]);
  });

  it.each(Object.entries(allowed).map(([room, others]) => ({ room, others })))(
    '$room: itself and $others',
    ({ room, others }) => {
      const strays = edges
        .filter((edge) => edge.room === room && edge.other !== room && !others.includes(edge.other))
        .map(({ from, to }) => `${from} imports ${to}`);
      expect(strays).toEqual([]);
    },
  );

  it('a terminal, a page and the recordings bring the rooms together, and nothing else does', () => {
    const sources = ['src/cluster', 'src/probe', 'src/demo', 'src/manifests'];
    const together = new Set(
      edges.filter(({ room, other }) => sources.includes(other) && room !== other).map(({ room }) => room),
    );
    expect([...together].toSorted()).toEqual(['src/cli', 'src/recording', 'src/server/api', 'src/sources']);
  });

  it('the page of the dev server takes nothing of the rest of it but types, and what every page has', () => {
    const taken = filesIn('src/server/page').flatMap((file) =>
      [
        ...readFileSync(join(root, file), 'utf8').matchAll(
          /^import (?!type\b)[^;]*?'(\.\.\/(?!\.\.\/report\/copying)[^']+)'/gm,
        ),
      ].map(([, module]) => `${file} imports ${module ?? ''}`),
    );
    expect(taken).toEqual([]);
  });

  it('what we know is pure: runbooks take nothing from Node, and nothing from a package', () => {
    expect(packages.filter(({ room }) => room === 'runbooks')).toEqual([]);
  });

  it.each(['src/runbook', 'src/report', 'src/formats', 'src/kinds', 'src/gateways', 'packages/apiserver', 'src/demo'])(
    '%s takes nothing from Node, but at an edge',
    (own) => {
      const inner = (file: string): boolean => !file.startsWith(`${own}/node/`);
      const fromNode = packages.filter(({ file, module }) => inner(file) && module.startsWith('node:'));
      expect(fromNode.filter(({ room }) => room === own)).toEqual([]);
      expect(edges.filter(({ from, room, to }) => room === own && inner(from) && to.includes('/node/'))).toEqual([]);
    },
  );

  it.each(['packages/apiserver', 'src/demo'])('%s uses no global of Node’s either, but at an edge', (own) => {
    const users = filesIn(own)
      .filter((file) => !file.startsWith(`${own}/node/`))
      .filter((file) =>
        /\bBuffer\.|\bNodeJS\b|\bprocess\.(?:stdout|stderr|env|argv|on|exit|cwd|platform)\b/.test(
          readFileSync(join(root, file), 'utf8'),
        ),
      );
    expect(users).toEqual([]);
  });

  it('the API server knows no homelab', () => {
    const words =
      /sudhanva|homelab|handbook|runbook|tailscale|tailnet|envoy|cert-manager|vault|cloudflare|external-?dns|external-?secrets|cilium|jellyfin/i;
    const files = filesIn('packages/apiserver');
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => words.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it('no notation is read in a circle', () => {
    const own = edges.filter(({ room }) => room === 'src/formats');
    const reached = (from: string, seen: ReadonlySet<string>): ReadonlySet<string> =>
      own
        .filter((edge) => edge.from === from && !seen.has(edge.to))
        .reduce((all, { to }) => reached(to, new Set([...all, to])), seen);
    const circles = [...new Set(own.map(({ from }) => from))].filter((file) => reached(file, new Set()).has(file));
    expect(own.length).toBeGreaterThan(10);
    expect(circles).toEqual([]);
  });

  it('whoever takes the stack’s names takes them where a test can put others', () => {
    const past = edges.filter(
      ({ from, to }) => to === names && !/#stack'/.test(readFileSync(join(root, from), 'utf8')),
    );
    expect(past).toEqual([]);
    expect(edges.filter(({ to }) => to === names).length).toBeGreaterThan(50);
  });

  it('the demo is made of names alone: it reads no file, and nothing of infrastructure and apps', () => {
    // Kubeconfigs for kubectl are files, and the only ones.
    const own = filesIn('src/demo').filter((file) => file !== 'src/demo/node/temporary.ts');
    const readers = own.filter((file) => importsOf(file).some((module) => /^node:fs/.test(module)));
    expect(readers).toEqual([]);
    expect(filesIn('src/demo').length).toBeGreaterThan(50);
  });

  it('only the assistant’s room knows the protocol’s library, and only its own command loads it', () => {
    const users = packages.filter(({ module }) => module.startsWith('@modelcontextprotocol/'));
    expect([...new Set(users.map(({ room }) => room))]).toEqual(['src/assistant']);
    const from = edges
      .filter(({ room, other }) => other === 'src/assistant' && room !== other)
      .map((edge) => edge.from);
    expect([...new Set(from)]).toEqual(['src/cli/mcp.ts']);
    const program = readFileSync(join(root, 'src/cli/program.ts'), 'utf8');
    expect(program.match(/\S+ '\.\/mcp\.ts'|import\('\.\/mcp\.ts'\)/g)).toEqual(["import('./mcp.ts')"]);
  });

  it('only the cluster’s room knows the cluster’s client', () => {
    const users = packages.filter(({ module }) => module.startsWith('@kubernetes/client-node')).map(({ room }) => room);
    expect([...new Set(users)].filter((room) => room !== 'src/cluster')).toEqual([]);
  });
});
