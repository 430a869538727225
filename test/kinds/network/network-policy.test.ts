/** NetworkPolicies, by the API's own text: what each way of writing one lets pass. */
import { describe, expect, it } from 'vitest';
import { asks, cilium, decides, node, outside, pod } from './parties.ts';

const web = pod('shop', 'web');
const envoy = pod('envoy', 'proxy');
const to = { from: envoy, to: web };

describe('who is selected', () => {
  it.each([
    ['no policy', [], true],
    ['a policy in another namespace', ['{namespace: other, podSelector: {}}'], true],
    ['an empty selector takes every pod of the namespace', ['{namespace: shop, podSelector: {}}'], false],
    ['so does one that is left out', ['{namespace: shop}'], false],
    ['labels that the pod has', ['{namespace: shop, podSelector: {matchLabels: {app: web}}}'], false],
    ['labels of another pod', ['{namespace: shop, podSelector: {matchLabels: {app: api}}}'], true],
    ['an expression', ['{namespace: shop, podSelector: {matchExpressions: [{key: app, operator: Exists}]}}'], false],
    ['only what is sent', ['{namespace: shop, podSelector: {}, policyTypes: [Egress]}'], true],
    [
      'without policyTypes, both where there are rules for egress',
      ['{namespace: envoy, podSelector: {}, egress: [{}]}'],
      true,
    ],
    ['without policyTypes and rules for egress, only what arrives', ['{namespace: envoy, podSelector: {}}'], true],
    ['an empty list of rules for egress closes nothing', ['{namespace: envoy, podSelector: {}, egress: []}'], true],
    ['said in policyTypes it does', ['{namespace: envoy, podSelector: {}, policyTypes: [Egress], egress: []}'], false],
  ])('%s', (_, policies, passes) => expect(asks(policies, to)).toBe(passes));
});

describe('whom a rule takes', () => {
  const ingress = (rule: string): readonly string[] => [`{namespace: shop, podSelector: {}, ingress: [${rule}]}`];
  it.each([
    ['an empty rule takes everybody', '{}', true],
    ['so does an empty from', '{from: []}', true],
    ['a pod selector alone means the policy’s namespace', '{from: [{podSelector: {}}]}', false],
    ['an empty namespace selector means every namespace', '{from: [{namespaceSelector: {}}]}', true],
    ['by a label of the namespace', '{from: [{namespaceSelector: {matchLabels: {team: envoy}}}]}', true],
    [
      'by the name of the namespace',
      '{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: envoy}}}]}',
      true,
    ],
    [
      'both selectors in one item have to fit',
      '{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}]}',
      false,
    ],
    ['in two items either', '{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: api}}}]}', true],
    ['an item that selects nothing takes nobody', '{from: [{}]}', false],
    ['the port that is asked for', '{ports: [{port: 8080}]}', true],
    ['by its name, which the pod that is reached gives', '{ports: [{port: http}]}', true],
    ['by a name that it does not have', '{ports: [{port: https}]}', false],
    ['a range to its end', '{ports: [{port: 8000, endPort: 8080}]}', true],
    ['and not beyond', '{ports: [{port: 8000, endPort: 8079}]}', false],
    ['every port of a protocol', '{ports: [{protocol: TCP}]}', true],
    ['of another protocol', '{ports: [{protocol: UDP, port: 8080}]}', false],
    ['TCP where none is said', '{ports: [{}]}', true],
    ['an empty list of ports takes every port', '{ports: []}', true],
    ['peer and port have to fit', '{from: [{namespaceSelector: {}}], ports: [{port: 443}]}', false],
  ])('%s', (_, rule, passes) => expect(asks(ingress(rule), to)).toBe(passes));

  it('what one policy allows no other takes back', () => {
    const open = '{namespace: shop, name: open, podSelector: {}, ingress: [{}]}';
    const policies = ['{namespace: shop, podSelector: {}}', open];
    expect(asks(policies, to)).toBe(true);
    expect(decides(policies, { ...to, direction: 'ingress' })).toBe('allowed by open at spec.ingress[0]');
  });

  it('names every policy that closes', () => {
    const policies = ['{namespace: shop, podSelector: {}}', '{namespace: shop, name: other, podSelector: {}}'];
    expect(decides(policies, { ...to, direction: 'ingress' })).toBe(
      'shut by guard at spec.podSelector, other at spec.podSelector',
    );
  });

  it('asks both ends', () => {
    const ways = [
      '{namespace: shop, podSelector: {}, ingress: [{}]}',
      '{namespace: envoy, podSelector: {}, policyTypes: [Egress]}',
    ];
    expect(asks(ways, to)).toBe(false);
    expect(decides(ways, { ...to, direction: 'egress' })).toBe('shut by guard at spec.podSelector');
  });

  it('leaves what a pod sends to itself alone', () => {
    expect(asks(['{namespace: shop, podSelector: {}, policyTypes: [Ingress, Egress]}'], { from: web, to: web })).toBe(
      true,
    );
  });

  it('does not know labels of a namespace that it may not read, but for the one that the API server writes', () => {
    const stranger = { from: pod('envoy', 'proxy', { namespaceLabels: undefined }), to: web };
    expect(asks(ingress('{from: [{namespaceSelector: {matchLabels: {team: envoy}}}]}'), stranger)).toBe(
      'the labels of namespace envoy are not known',
    );
    const byName = (name: string): string =>
      `{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${name}}}}]}`;
    expect(asks(ingress(byName('envoy')), stranger)).toBe(true);
    expect(asks(ingress(byName('other')), stranger)).toBe(false);
    expect(asks(ingress('{from: [{namespaceSelector: {}}]}'), stranger)).toBe(true);
  });
});

describe('blocks of addresses', () => {
  const egress = (block: string): readonly string[] => [
    `{namespace: shop, podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: ${block}}]}]}`,
  ];
  const at = (address: string) => ({ from: web, to: outside({ address }), port: 443 });
  it.each([
    ['{cidr: 0.0.0.0/0}', '8.8.8.8', true],
    ['{cidr: 10.0.0.0/8}', '8.8.8.8', false],
    ['{cidr: 0.0.0.0/0, except: [8.8.8.0/24]}', '8.8.8.8', false],
    ['{cidr: 0.0.0.0/0, except: [8.8.8.0/24]}', '8.8.9.1', true],
    ['{cidr: "2001:db8::/32"}', '2001:db8::1', true],
    ['{cidr: 0.0.0.0/0}', '2001:db8::1', false],
  ])('%s and %s', (block, address, passes) => expect(asks(egress(block), at(address))).toBe(passes));

  it.each([
    ['{cidr: 0.0.0.0/0}', true],
    ['{cidr: 0.0.0.0/0, except: [10.0.0.0/8, 192.168.0.0/16, 172.16.0.0/12]}', true],
    ['{cidr: 10.0.0.0/8}', false],
    [
      '{cidr: 0.0.0.0/0, except: [104.16.0.0/13]}',
      'api.example.com may have an address in 104.16.0.0/13, which is excepted',
    ],
    ['{cidr: 104.16.0.0/13}', 'api.example.com may have an address in 104.16.0.0/13, or another'],
  ])('%s and a public name', (block, passes) => {
    expect(asks(egress(block), { from: web, to: outside({ name: 'api.example.com' }), port: 443 })).toBe(passes);
  });

  it('take pods with some network plug-ins, and not with Cilium', () => {
    const block = ['{namespace: shop, podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}'];
    expect(asks(block, to)).toBe('network plug-ins differ in whether ipBlock 10.0.0.0/8 takes pod envoy/proxy');
    expect(asks(block, to, cilium)).toBe(false);
  });
});

describe('nodes', () => {
  const shut = ['{namespace: shop, podSelector: {}, policyTypes: [Ingress, Egress]}'];
  it('the pod’s own one reaches it always, and with Cilium the pod not the node', () => {
    expect(asks(shut, { from: node('one'), to: web })).toBe(true);
    expect(asks(shut, { from: node('one'), to: web }, cilium)).toBe(true);
    expect(asks(shut, { from: web, to: node('one') })).toBe(true);
    expect(asks(shut, { from: web, to: node('one') }, cilium)).toBe(false);
  });

  it('another one does not', () => {
    expect(asks(shut, { from: node('two'), to: web })).toBe(false);
    expect(
      asks(['{namespace: shop, podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.0.0/16}}]}]}'], {
        from: node('two'),
        to: web,
      }),
    ).toBe(true);
  });

  it('what runs on the host’s network is no pod to a selector', () => {
    const all = ['{namespace: shop, podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}'];
    expect(asks(all, { from: node('two'), to: web })).toBe(false);
  });
});
