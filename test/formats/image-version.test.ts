import { describe, expect, it } from 'vitest';
import { imageBase, imageVersion, parseImage, parseVersion } from '../../src/formats/image-version.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('an image’s version', () => {
  it.each([
    ['registry.k8s.io/external-dns/external-dns:v0.19.0', [0, 19, 0, '']],
    [`registry.k8s.io/external-dns/external-dns:v0.22.1@${digest}`, [0, 22, 1, '']],
    ['localhost:5000/external-dns:0.20', [0, 20, undefined, '']],
    ['coredns/coredns:1.13.1', [1, 13, 1, '']],
    ['quay.io/jetstack/cert-manager-controller:v1.19.0-rc.1', [1, 19, 0, 'rc.1']],
    ['hashicorp/vault:1.20.4-ubi', [1, 20, 4, 'ubi']],
    ['docker.io/envoyproxy/envoy:distroless-v1.36.2', undefined],
    ['localhost:5000/external-dns', undefined],
    [`external-dns@${digest}`, undefined],
    ['external-dns:latest', undefined],
    ['external-dns:v1', undefined],
    ['10.0.0.1:5000/a', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (image, expected) => {
    const version = imageVersion(image);
    expect(version && [version.major, version.minor, version.patch, version.suffix]).toEqual(expected);
  });

  it('is a part of its reference', () => {
    expect(parseImage(`localhost:5000/a/b:1.2@${digest}`)).toEqual({ name: 'localhost:5000/a/b', tag: '1.2', digest });
    expect(parseImage('localhost:5000/a')).toEqual({ name: 'localhost:5000/a', tag: undefined, digest: undefined });
    expect(['ghcr.io/x/external-dns:1', 'external-dns', 'localhost:5000/a/b'].map(imageBase)).toEqual([
      'external-dns',
      'external-dns',
      'b',
    ]);
  });

  it('may stand alone, as in a label', () => {
    expect(parseVersion('v0.19.0')).toMatchObject({ minor: 19 });
    expect(parseVersion('1.36.2+k3s1')).toMatchObject({ patch: 2, suffix: 'k3s1' });
    expect(['', 'x1.2.3', '1', '1.', '1.2.3.4.5x/'].map((text) => parseVersion(text)?.minor)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      2,
    ]);
  });
});
