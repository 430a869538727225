/** What must not be in the published build: cluster code, the local API, and anything of the machine that built it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const dist = process.env['DIST'] ?? 'dist';

function files(): readonly string[] {
  try {
    return readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      statSync(join(dist, file)).isFile(),
    );
  } catch {
    throw new Error(`There is no ${dist}: run npm run build first.`);
  }
}

const having = (needle: string | RegExp, which: (file: string) => boolean = () => true): readonly string[] =>
  files()
    .filter(which)
    .filter((file) => {
      const text = readFileSync(join(dist, file), 'latin1');
      return typeof needle === 'string' ? text.includes(needle) : needle.test(text);
    });

/** Text that only the code of a room contains: if these are not in the room's source any more, the test looks for nothing. */
const marks: readonly (readonly [room: string, file: string, mark: string])[] = [
  ['src/cluster', 'src/cluster/kubeconfig.ts', 'loadKubeconfig'],
  ['src/cluster', 'src/cluster/credentials.ts', 'applyToHTTPSOptions'],
  ['src/probe', 'src/probe/probe.ts', 'openConnection'],
  ['src/demo', 'src/demo/demo.ts', 'startGateway'],
  ['src/local', 'src/local/guard.ts', 'x-runbook-token'],
  ['src/local', 'src/local/api.ts', '/_runbook/'],
  ['src/local', 'src/local/page/panel.ts', 'mountPanels'],
  ['src/runbook', 'src/runbook/run.ts', 'plannedReads'],
  ['runbooks', 'runbooks/topology.ts', 'tailnetGateways'],
];

describe('the published build', () => {
  it('has pages', () => expect(files().filter((file) => file.endsWith('.html')).length).toBeGreaterThan(20));

  it.each(marks)('contains no code of %s (%s: %s)', (_, file, mark) => {
    expect(readFileSync(file, 'utf8')).toContain(mark);
    expect(having(mark)).toEqual([]);
  });

  it('contains no package that reads clusters or opens connections', () => {
    expect(having(/client-node|node:(?:net|tls|dgram|https?|child_process)/, (file) => /\.m?js$/.test(file))).toEqual(
      [],
    );
  });

  it('contains no credential of the demo cluster or of a kubeconfig', () => {
    expect(having(/-----BEGIN|client-key-data: \S{20}|eyJhbGciOi/)).toEqual([]);
  });

  it('contains nothing of the machine that built it', () => {
    expect(having(resolve('.'))).toEqual([]);
    if (homedir() !== '/') expect(having(`${homedir()}/`)).toEqual([]);
    if (hostname() !== 'localhost' && hostname().length > 3) expect(having(hostname())).toEqual([]);
  });

  it('publishes the JSON Schema of the report', () => {
    const schema = JSON.parse(readFileSync(join(dist, 'schemas/report-v1.json'), 'utf8')) as {
      properties: { version: unknown };
    };
    expect(schema.properties.version).toMatchObject({ const: 1 });
  });

  it('loads nothing from elsewhere', () => {
    expect(
      having(
        /<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?\/\/(?!docs\.)[^"]*\.(?:js|css|woff2?|png|svg)"/,
        (file) => file.endsWith('.html'),
      ),
    ).toEqual([]);
  });
});
