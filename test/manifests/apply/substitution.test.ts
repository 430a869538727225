/** The variables of a Flux Kustomization, as they come out in objects. */
import { describe, expect, it } from 'vitest';
import { config, flux, objectIn, renderFiles, type SeenTree } from '../../support/render.ts';

const settings = (data: string, metadata = 'name: settings, namespace: web'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { ${metadata} }\ndata:\n${data}`;

const filled = (postBuild: unknown, text: string, more: Readonly<Record<string, string>> = {}): Promise<SeenTree> =>
  renderFiles({ 'cluster/ks.yaml': flux('apps', { path: './apps', postBuild }), 'apps/settings.yaml': text, ...more });

describe('what is written as YAML and read again', () => {
  it('becomes what the text says: numbers, booleans, maps', async () => {
    const seen = await filled(
      { substitute: { N: '3', YES: 'true', MAP: '{ a: 1 }', NAME: 'web' } },
      settings(
        [
          '  number: "${N}"',
          '  default: "${M:=1}"',
          '  boolean: ${YES}',
          '  map: ${MAP}',
          '  text: "web-${N}"',
          '  quoted: "- ${N}"',
          '  block: "${N}\\n"',
          '  nothing: ${NOWHERE}',
          '  "${NAME}": key',
        ].join('\n'),
      ),
    );
    expect(objectIn(seen, 'ConfigMap', 'settings')['data']).toEqual({
      number: 3,
      default: 1,
      boolean: true,
      map: { a: 1 },
      text: 'web-3',
      quoted: '- 3',
      block: '3\n',
      nothing: null,
      web: 'key',
    });
    expect(seen.faults).toEqual([]);
  });

  it('is refused where it is no variable, with the place', async () => {
    const seen = await filled({ substitute: { N: '3' } }, settings('  script: "echo ${list[@]}"'));
    expect(seen.faults).toEqual([
      expect.stringMatching(/^apps\/settings\.yaml:5:3 has a variable that Flux cannot fill in/),
    ]);
  });

  it('names objects', async () => {
    const seen = await filled({ substitute: { N: '8080' } }, settings('  a: b', 'name: "${N}", namespace: web'));
    expect(seen.clusters['only']?.objects).toContain('ConfigMap web/8080');
  });
});

describe('what is left as it stands', () => {
  it('without postBuild, everything', async () => {
    const seen = await filled(undefined, settings('  a: ${A:=1}'));
    expect(objectIn(seen, 'ConfigMap', 'settings')['data']).toEqual({ a: '${A:=1}' });
  });

  it('without any variable, everything', async () => {
    const seen = await filled({ substitute: {} }, settings('  a: ${A:=1}'));
    expect(objectIn(seen, 'ConfigMap', 'settings')['data']).toEqual({ a: '${A:=1}' });
  });

  it.each(['labels', 'annotations'])('what switches it off with %s', async (field) => {
    const metadata = `name: settings, namespace: web, ${field}: { kustomize.toolkit.fluxcd.io/substitute: disabled }`;
    const seen = await filled({ substitute: { A: '1' } }, settings('  a: ${A} ${list[@]}', metadata));
    expect(objectIn(seen, 'ConfigMap', 'settings')['data']).toEqual({ a: '${A} ${list[@]}' });
    expect(seen.faults).toEqual([]);
  });
});

describe('substituteFrom', () => {
  const from = (kind: string, name: string) => ({ kind, name });

  it('takes ConfigMaps and Secrets that are applied, in order, and what is said beside them last', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secrets', namespace: 'flux-system' } };
    const seen = await filled(
      { substituteFrom: [from('ConfigMap', 'settings'), from('Secret', 'secrets')], substitute: { C: 'said' } },
      settings('  a: ${A}\n  b: ${B}\n  c: ${C}\n  d: ${D}'),
      {
        'cluster/settings.yaml': config('settings', { A: 'first', B: 'first', C: 'first' }, 'flux-system'),
        'cluster/secrets.yaml': JSON.stringify({
          ...secret,
          data: { B: Buffer.from('second\n').toString('base64') },
          stringData: { D: 'fourth' },
        }),
      },
    );
    const found = seen.clusters['only']?.applied.manifests.find(({ object }) => object.metadata.namespace === 'web');
    expect(found?.object).toMatchObject({ data: { a: 'first', b: 'second', c: 'said', d: 'fourth' } });
  });

  it('goes on where values are made of values', async () => {
    const seen = await renderFiles({
      'cluster/ks.yaml': [
        flux('settings', { path: './settings', postBuild: { substitute: { HOST: 'example.org' } } }),
        flux('apps', { path: './apps', postBuild: { substituteFrom: [from('ConfigMap', 'settings')] } }),
      ].join('\n---\n'),
      'settings/settings.yaml': config('settings', { DOMAIN: 'web.${HOST}' }, 'flux-system'),
      'apps/app.yaml': config('app', { URL: 'https://${DOMAIN}' }, 'web'),
    });
    expect(objectIn(seen, 'ConfigMap', 'app')).toMatchObject({ data: { URL: 'https://web.example.org' } });
  });

  it('leaves unfilled what is encrypted, and what no manifest tells, but for a default', async () => {
    const seen = await filled(
      { substituteFrom: [from('Secret', 'secrets'), { ...from('ConfigMap', 'nowhere'), optional: true }] },
      settings('  a: ${A} ${A:=default}\n  b: ${B} ${B:=default}'),
      {
        'cluster/secrets.sops.yaml':
          'apiVersion: v1\nkind: Secret\nmetadata: { name: secrets, namespace: flux-system }\nstringData: { A: "ENC[AES256_GCM,data:x]" }\nsops: {}\n',
      },
    );
    expect(objectIn(seen, 'ConfigMap', 'settings')['data']).toEqual({ a: '${A} ${A:=default}', b: '${B} default' });
  });

  it('refuses names that are none', async () => {
    const seen = await filled({ substitute: { 'a-b': '1' } }, settings('  a: ${A}'));
    expect(seen.faults).toEqual([
      expect.stringMatching(/gives Flux Kustomization flux-system\/apps a variable named a-b/),
    ]);
  });
});
