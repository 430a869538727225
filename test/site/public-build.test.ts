/**
 * What must not be in the published build: cluster code, the local API, credentials, and anything of the machine that built it. Every file
 * is read, the compressed ones of the search index too.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, hostname, networkInterfaces, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newServices } from '../../packages/apiserver/controllers/services.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { newDevices } from '../../src/demo/controllers/tailscale/devices.ts';
import { stack } from '#stack';
import { dist } from './dist.ts';

const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((file) => statSync(join(dist, file)).isFile())
  .sort();

/** A file as text, whatever it is; Pagefind compresses its index. */
function textOf(file: string): string {
  const bytes = readFileSync(join(dist, file));
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('latin1');
}
const texts = new Map(files.map((file) => [file, textOf(file)]));

const having = (needle: string | RegExp, which: (file: string) => boolean = () => true): readonly string[] =>
  [...texts].flatMap(([file, text]) =>
    which(file) && (typeof needle === 'string' ? text.includes(needle) : needle.test(text)) ? [file] : [],
  );

/** Fonts, images and WebAssembly: in bytes that are no text, short words stand by chance. */
const isText = (file: string): boolean => !/\.(?:woff2|png|pagefind)$/.test(file);

/** What the pages, the runbooks and the demo cluster say by themselves. */
const sources = [
  'content/**/*.md',
  'runbooks/**/*.{ts,yaml}',
  'packages/**/*.ts',
  'src/{demo,site,runbook}/**/*.{ts,astro,css,yaml,txt}',
]
  .flatMap((pattern) => globSync(pattern))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

it('has what search asks for, and no interface that nobody asks for', () => {
  const own = files.filter((file) => /^pagefind\/[^/]+$/.test(file)).map((file) => file.replace(/_[0-9a-f]+\./, '_*.'));
  expect(own).toEqual(
    [
      'pagefind-entry.json',
      'pagefind-worker.js',
      'pagefind.en_*.pf_meta',
      'pagefind.js',
      'wasm.en.pagefind',
      'wasm.unknown.pagefind',
    ].map((file) => `pagefind/${file}`),
  );
});

/** Text that only the code of a room contains: if these are not in the room's source any more, the test looks for nothing. */
const marks: readonly (readonly [room: string, file: string, mark: string])[] = [
  ['src/cluster', 'src/cluster/kubeconfig.ts', 'loadKubeconfig'],
  ['src/cluster', 'src/cluster/credentials.ts', 'applyToHTTPSOptions'],
  ['src/probe', 'src/probe/probe.ts', 'openConnection'],
  ['packages/apiserver', 'packages/apiserver/resources/discovery.ts', 'APIGroupDiscoveryList'],
  ['src/demo', 'src/demo/node/demo.ts', 'startGateway'],
  ['src/server', 'src/server/fence/door.ts', 'x-runbook-secret'],
  ['src/server', 'src/server/fence/door.ts', '/_runbook/'],
  ['src/server', 'src/server/page/panel.ts', 'mountPanels'],
  ['src/runbook', 'src/runbook/run.ts', 'plannedReads'],
  ['src/site/preview', 'src/site/preview/canvas.ts', 'canvaskit'],
  ['runbooks', 'runbooks/models/topology.ts', 'tailnetGateways'],
];

describe('the published build', () => {
  it('has pages, and the text of the search index can be read', () => {
    expect(files.filter((file) => file.endsWith('.html')).length).toBeGreaterThan(20);
    expect(having('Gateway shows not programmed', (file) => file.endsWith('.pf_fragment')).length).toBeGreaterThan(0);
  });

  it.each(marks)('contains no code of %s (%s: %s)', (_, file, mark) => {
    expect(readFileSync(file, 'utf8')).toContain(mark);
    expect(having(mark)).toEqual([]);
  });

  it('contains no package that reads clusters or opens connections', () => {
    expect(having(/client-node|node:(?:net|tls|dgram|https?|child_process)/, (file) => /\.m?js$/.test(file))).toEqual(
      [],
    );
  });

  it('contains no source map, which would tell where the sources are', () => {
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
    expect(having('sourceMappingURL', isText)).toEqual([]);
  });

  it('publishes the JSON Schema of the report', () => {
    const schema = JSON.parse(readFileSync(join(dist, 'schemas/report-v2.json'), 'utf8')) as {
      properties: { version: unknown };
    };
    expect(schema.properties.version).toMatchObject({ const: 2 });
  });

  it('publishes the JSON Schema of accepted findings, by which an editor knows the fields', () => {
    const schema = JSON.parse(readFileSync(join(dist, 'schemas/accepted-v1.json'), 'utf8')) as {
      items: { properties: object; additionalProperties: boolean };
    };
    expect(Object.keys(schema.items.properties)).toEqual(['finding', 'object', 'reason', 'until']);
    expect(schema.items.additionalProperties).toBe(false);
  });

  it('loads nothing from elsewhere', () => {
    const elsewhere = new RegExp(
      `<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//(?!${RegExp.escape(new URL(stack.site.url).host)}/)[^"]*\\.(?:js|css|woff2?|png|svg)"`,
    );
    expect(having(elsewhere, (file) => file.endsWith('.html'))).toEqual([]);
  });
});

describe('no credential is published', () => {
  const shapes: readonly (readonly [what: string, shape: RegExp])[] = [
    ['a private key or certificate', /-----BEGIN/],
    ['a kubeconfig', /(?:client-key|client-certificate|certificate-authority)-data: \S{20}/],
    ['a JSON Web Token', /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\./],
    ['a key of Tailscale', /tskey-\w+-\w{8}/],
    ['a token of Vault', /\bhv[sbr]\.[\w-]{20}/],
    ['a token of GitHub', /\bgh[pousr]_\w{30}|github_pat_\w{20}/],
    ['a key of AWS', /\bAKIA[0-9A-Z]{16}\b/],
    ['a bearer token', /bearer [\w.-]{30}/i],
  ];
  it.each(shapes)('not %s', (_, shape) => expect(having(shape, isText)).toEqual([]));

  it('no secret of the environment', () => {
    const secrets = Object.entries(process.env).filter(
      ([name, value]) => /token|secret|password|passwd|credential|api_?key/i.test(name) && (value?.length ?? 0) >= 8,
    );
    expect(secrets.filter(([, value]) => having(value ?? '').length > 0).map(([name]) => name)).toEqual([]);
  });
});

describe('nothing of the machine that built it is published', () => {
  /** A name that the sources use too, such as the user `root`, is looked for in paths only. */
  const isOwn = (name: string): boolean => new RegExp(`\\b${RegExp.escape(name)}\\b`, 'i').test(sources);

  it('not where the project is', () => expect(having(resolve('.'))).toEqual([]));

  it('not its home folder, nor anybody’s', () => {
    if (homedir() !== '/') expect(having(`${homedir()}/`, isText)).toEqual([]);
    expect(having(/(?:\/home|\/Users)\/\w+\/|[A-Z]:\\Users\\|file:\/\/\/(?!\/)/, isText)).toEqual([]);
  });

  it('not its folder for temporary files', () => {
    expect(having(new RegExp(`(?:^|["'\`( ])${RegExp.escape(tmpdir())}/`, 'm'), isText)).toEqual([]);
  });

  it('not its name', () => {
    const name = hostname();
    const looked = name.length > 3 && name !== 'localhost' && !isOwn(name);
    expect(looked ? having(new RegExp(`\\b${RegExp.escape(name)}\\b`, 'i'), isText) : []).toEqual([]);
  });

  it('not who built it', () => {
    const git = (key: string): string => {
      try {
        return execFileSync('git', ['config', key], { encoding: 'utf8' }).trim();
      } catch {
        return '';
      }
    };
    const names = [userInfo().username, git('user.email'), git('user.name')].filter(
      (name) => name.length > 2 && !isOwn(name),
    );
    const found = names.filter((name) => having(new RegExp(`\\b${RegExp.escape(name)}\\b`), isText).length > 0);
    expect(found).toEqual([]);
  });

  it('not its addresses', () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal }) => !internal)
      .map(({ address }) => address)
      .filter((address) => !sources.includes(address));
    expect(addresses.filter((address) => having(address, isText).length > 0)).toEqual([]);
  });
});

it('publishes no private address but those that the handbook itself names', () => {
  // RFC 1918, RFC 6598 (tailnets) and link-local.
  const privateAddress =
    /(?<![\d.])(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254)(?:\.\d{1,3}){2,3}(?![\d.])/g;
  const found = new Set(
    [...texts].flatMap(([file, text]) =>
      isText(file) ? [...text.matchAll(privateAddress)].map(([address]) => address) : [],
    ),
  );
  const four = [...found].filter((address) => address.split('.').length === 4);
  expect(four.length).toBeGreaterThan(0);
  // The demo cluster's own, and those that it gives to new Services and devices.
  const ofDemo = JSON.stringify(loadObjects());
  const isMadeUp = (address: string): boolean =>
    [newServices, newDevices].some((range) => address.startsWith(range)) || ofDemo.includes(address);
  expect(four.filter((address) => !sources.includes(address) && !isMadeUp(address))).toEqual([]);
});
