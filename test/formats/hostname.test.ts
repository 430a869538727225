/** How hostnames match: a listener's wildcard takes labels as many as there are, a certificate's exactly one. */
import { describe, expect, it } from 'vitest';
import {
  certificateCovers,
  hostnamesIntersect,
  hostnameTakes,
  mostSpecific,
  pastedHostname,
} from '../../src/formats/hostname.ts';

const table: readonly { pattern: string; name: string; listener: boolean; certificate: boolean }[] = [
  { pattern: 'a.example.com', name: 'a.example.com', listener: true, certificate: true },
  { pattern: 'a.example.com', name: 'b.example.com', listener: false, certificate: false },
  { pattern: 'a.example.com', name: 'x.a.example.com', listener: false, certificate: false },
  { pattern: '*.example.com', name: 'a.example.com', listener: true, certificate: true },
  { pattern: '*.example.com', name: 'a.b.example.com', listener: true, certificate: false },
  { pattern: '*.example.com', name: 'example.com', listener: false, certificate: false },
  { pattern: '*.example.com', name: '.example.com', listener: false, certificate: false },
  { pattern: '*.example.com', name: 'anexample.com', listener: false, certificate: false },
  { pattern: '*.example.com', name: '*.example.com', listener: true, certificate: true },
  { pattern: '*.example.com', name: '*.b.example.com', listener: true, certificate: false },
  { pattern: '*.EXAMPLE.com', name: 'A.example.COM', listener: true, certificate: true },
  { pattern: '*.example.com.', name: 'a.example.com', listener: true, certificate: true },
  { pattern: '*.example.com', name: 'a.example.com.', listener: true, certificate: true },
  { pattern: 'a.example.com.', name: 'a.example.com', listener: true, certificate: true },
  { pattern: 'example.com', name: 'example.com', listener: true, certificate: true },
  { pattern: 'example.com', name: '*.example.com', listener: false, certificate: false },
];

describe.each(table)('$pattern and $name', ({ pattern, name, listener, certificate }) => {
  it(`a listener ${listener ? 'takes' : 'refuses'} it`, () => expect(hostnameTakes(pattern, name)).toBe(listener));
  it(`a certificate ${certificate ? 'covers' : 'does not cover'} it`, () =>
    expect(certificateCovers(pattern, name)).toBe(certificate));
});

describe('no hostname', () => {
  it.each([undefined, ''])('%j takes every name', (pattern) => {
    expect(hostnameTakes(pattern, 'a.example.com')).toBe(true);
  });

  it('intersects with everything', () => {
    expect(hostnamesIntersect(undefined, 'a.example.com')).toBe(true);
    expect(hostnamesIntersect('a.example.com', undefined)).toBe(true);
    expect(hostnamesIntersect(undefined, undefined)).toBe(true);
  });
});

describe('hostnamesIntersect', () => {
  it.each([
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', '*.b.example.com', true],
    ['*.example.com', '*.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '*.example.org', false],
    ['a.example.com', 'a.example.com', true],
    ['a.example.com', 'b.example.com', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(hostnamesIntersect(one, other)).toBe(expected);
    expect(hostnamesIntersect(other, one)).toBe(expected);
  });
});

describe('the most specific', () => {
  const routes = [
    ['*.example.com'],
    ['*.b.example.com', 'c.example.com'],
    ['a.b.example.com'],
    [''],
    ['A.B.example.com.'],
  ];
  it.each([
    ['a.b.example.com', [['a.b.example.com'], ['A.B.example.com.']]],
    ['x.b.example.com', [['*.b.example.com', 'c.example.com']]],
    ['c.example.com', [['*.b.example.com', 'c.example.com']]],
    ['x.example.com', [['*.example.com']]],
    ['example.org', [['']]],
  ])('for %s', (name, expected) => expect(mostSpecific(routes, (own) => own, name)).toEqual(expected));

  it('is none where none takes the name', () => {
    expect(mostSpecific([['a.example.com'], []], (own) => own, 'b.example.com')).toEqual([]);
  });
});

describe('what is pasted for a hostname', () => {
  it.each([
    ['docs.example.org', 'docs.example.org'],
    ['https://docs.example.org/path?query#part', 'docs.example.org'],
    ['HTTPS://Docs.Example.Org', 'docs.example.org'],
    ['http://me:secret@docs.example.org:8443/', 'docs.example.org'],
    ['docs.example.org:443', 'docs.example.org'],
    ['docs.example.org/path', 'docs.example.org'],
    ['docs.example.org.', 'docs.example.org'],
    // None of these is made a hostname of.
    ['docs.example.org; id', 'docs.example.org; id'],
    ['docs.example.org more', 'docs.example.org more'],
    ['', ''],
  ])('%s', (text, hostname) => expect(pastedHostname(text)).toBe(hostname));
});
