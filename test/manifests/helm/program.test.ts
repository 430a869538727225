/**
 * How helm is started and ended. A real one shows its version and its environment; what a program may do wrong (hang, write without end, fail, or lie)
 * a shell script does here that is called helm, and stands in for nothing else.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findHelm } from '../../../src/manifests/helm/program.ts';
import { ensureHelm } from '../../support/helm.ts';
import { writeFolder } from '../../support/manifests.ts';

/** A folder with a script of that name, which tells a version. */
function standIn(script: string): string {
  const folder = writeFolder({
    helm: `#!/bin/sh\nif [ "$1" = version ]; then echo v3.99.0; exit 0; fi\n${script}\n`,
  });
  chmodSync(join(folder, 'helm'), 0o755);
  return folder;
}

describe('a real helm', () => {
  it('is found on the PATH, with its version, in a home of its own', async () => {
    const helm = await findHelm(dirname(ensureHelm()));
    expect(helm?.version).toMatch(/^v[34]\.\d+\.\d+/);
    const ran = await helm?.run(['env']);
    const text = ran?.ok === true ? ran.text : '';
    for (const name of [
      'HELM_CACHE_HOME',
      'HELM_CONFIG_HOME',
      'HELM_DATA_HOME',
      'HELM_PLUGINS',
      'HELM_REPOSITORY_CONFIG',
    ])
      expect(text).toMatch(new RegExp(`^${name}=".*runbook-helm-`, 'm'));
  });

  it('gets nothing from the network, though it is asked to', async () => {
    const helm = await findHelm(dirname(ensureHelm()));
    const ran = await helm?.run(['show', 'chart', 'podinfo', '--repo', 'https://stefanprodan.github.io/podinfo']);
    expect(ran).toEqual({ ok: false, why: expect.stringMatching(/proxyconnect|127\.0\.0\.1:9/) as string });
  });
});

describe('helm', () => {
  it('is looked for in folders that stand fast alone, and is the first that answers', async () => {
    const [good, broken] = [standIn('echo "$@"'), writeFolder({ helm: '#!/bin/sh\nexit 3\n' })];
    chmodSync(join(broken, 'helm'), 0o755);
    const isDirectory = writeFolder({});
    mkdirSync(join(isDirectory, 'helm'));
    expect((await findHelm([broken, isDirectory, good].join(delimiter)))?.version).toBe('v3.99.0');
    expect(await findHelm(['', '.', 'node_modules/.bin', broken].join(delimiter))).toBeUndefined();
    const notForUs = writeFolder({ helm: 'text' });
    expect(await findHelm(notForUs)).toBeUndefined();
  });

  it('gets each argument as it is, and nothing of the environment', async () => {
    const helm = await findHelm(
      standIn(`for one in "$@"; do echo "[$one]"; done; env | cut -d= -f1 | sort | tr '\\n' ' '; pwd`),
    );
    process.env['SECRET_OF_SOMEBODY'] = 'x';
    const ran = await helm?.run(['template', '$(touch /tmp/x); a b', '"']);
    delete process.env['SECRET_OF_SOMEBODY'];
    const text = ran?.ok === true ? ran.text : '';
    expect(text).toContain('[template]\n[$(touch /tmp/x); a b]\n["]\n');
    expect(text).not.toContain('SECRET_OF_SOMEBODY');
    expect(text).toContain('HELM_NO_PLUGINS');
    expect(text).toMatch(/\/runbook-helm-\w+\n$/);
  });

  it('is ended when it takes too long, or writes without end', async () => {
    const slow = await findHelm(standIn('while :; do :; done'), { milliseconds: 300, bytes: 1000 });
    expect(await slow?.run(['template'])).toEqual({ ok: false, why: 'helm takes more than 0.3 s' });
    const loud = await findHelm(standIn('while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done'), {
      milliseconds: 10_000,
      bytes: 2 * 1024 * 1024,
    });
    expect(await loud?.run(['template'])).toEqual({ ok: false, why: 'helm writes more than 2 MiB' });
  });

  it('is quoted where it fails, in one line of bounded length', async () => {
    const helm = await findHelm(
      standIn(
        `printf 'warning: x\\nError: it is\\n  wrong\\n\\nUse --debug flag to render out invalid YAML\\n' >&2; exit 1`,
      ),
    );
    expect(await helm?.run(['template'])).toEqual({ ok: false, why: 'it is wrong' });
    const long = await findHelm(standIn(`printf 'Error: %02000d' 1 >&2; exit 1`));
    const ran = await long?.run(['template']);
    expect(ran?.ok === false ? ran.why.length : 0).toBe(400);
    const silent = await findHelm(standIn('exit 7'));
    expect(await silent?.run(['template'])).toEqual({ ok: false, why: 'helm ends with 7' });
  });

  it('that is gone when it is started is told', async () => {
    const folder = standIn('exit 0');
    const helm = await findHelm(folder);
    writeFileSync(join(folder, 'helm'), '');
    chmodSync(join(folder, 'helm'), 0o644);
    expect(await helm?.run(['template'])).toEqual({
      ok: false,
      why: expect.stringContaining('cannot be started') as string,
    });
  });
});
