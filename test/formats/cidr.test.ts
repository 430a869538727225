import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressVersion, isInRange } from '../../src/formats/cidr.ts';

describe('a range', () => {
  it.each([
    ['10.96.0.10', '10.96.0.0/12', true],
    ['10.111.255.255', '10.96.0.0/12', true],
    ['10.112.0.0', '10.96.0.0/12', false],
    ['100.101.102.103', '100.64.0.0/10', true],
    ['100.128.0.1', '100.64.0.0/10', false],
    ['10.0.0.1', '0.0.0.0/0', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.2', '10.0.0.1/32', false],
    ['fd00::1', 'fd00::/8', true],
    ['fe80::1', 'fd00::/8', false],
    ['10.0.0.1', '::/0', false],
    ['::ffff:10.0.0.1', '10.0.0.0/8', false],
    ['::10.0.0.1', '::a00:0/112', true],
    ['::ffff:10.0.0.1', '::10.0.0.1', false],
    ['10.0.0.1', '10.0.0.0/33', false],
    ['10.0.0.1', '10.0.0.0/', false],
    ['10.0.0.1', '10.0.0.0/x', false],
    ['010.0.0.1', '10.0.0.0/8', false],
    ['10.1', '10.0.0.0/8', false],
    ['example.org', '10.0.0.0/8', false],
    ['', '', false],
  ])('%s in %s: %s', (address, range, expected) => expect(isInRange(address, range)).toBe(expected));

  it('holds what Node’s own list of ranges holds', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.nat(32), (address, network, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv4');
        expect(isInRange(address, `${network}/${bits}`)).toBe(list.check(address, 'ipv4'));
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), fc.nat(128), (address, network, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv6');
        expect(isInRange(address, `${network}/${bits}`)).toBe(list.check(address, 'ipv6'));
      }),
    );
  });

  it('is of addresses that Node takes for such', () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f.:]{0,15}$/));
    fc.assert(
      fc.property(text, (one) => {
        expect(addressVersion(one) ?? 0).toBe(isIP(one));
      }),
      { numRuns: 2000 },
    );
  });
});
