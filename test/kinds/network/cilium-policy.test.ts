/** Cilium's policies: what each way of writing one lets pass. */
import { describe, expect, it } from 'vitest';
import { ciliumEnforcement } from '../../../src/kinds/network/enforcement.ts';
import { asks, cilium, decides, node, outside, pod } from './parties.ts';

const web = pod('shop', 'web');
const api = pod('shop', 'api');
const envoy = pod('envoy', 'proxy');
const to = { from: envoy, to: web };

const own = (spec: string): string => `{kind: CiliumNetworkPolicy, namespace: shop, endpointSelector: {}, ${spec}}`;
const everywhere = (spec: string): string => `{kind: CiliumClusterwideNetworkPolicy, endpointSelector: {}, ${spec}}`;
const asked = (policy: string, question: Parameters<typeof asks>[1] = to) => asks([policy], question, cilium);

describe('what closes', () => {
  it.each([
    ['no rules', own(''), true],
    ['an empty list of rules', own('ingress: []'), true],
    ['an empty rule closes and lets nobody in', own('ingress: [{}]'), false],
    ['a rule for the other direction', own('egress: [{}]'), true],
    ['a denial closes, too', own('ingressDeny: [{fromEntities: [world]}]'), false],
    [
      'unless the policy says that it does not',
      own('enableDefaultDeny: {ingress: false}, ingressDeny: [{fromEntities: [world]}]'),
      true,
    ],
    ['a policy of nodes', '{kind: CiliumClusterwideNetworkPolicy, nodeSelector: {}, ingress: [{}]}', true],
    [
      'a selector of another namespace stays in its own',
      '{kind: CiliumNetworkPolicy, namespace: other, endpointSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": shop}}, ingress: [{}]}',
      true,
    ],
    ['one of the whole cluster', everywhere('ingress: [{}]'), false],
    [
      'one of several specs',
      '{kind: CiliumNetworkPolicy, namespace: shop, specs: [{endpointSelector: {matchLabels: {app: api}}, ingress: [{}]}, {endpointSelector: {matchLabels: {"k8s:app": web}}, ingress: [{}]}]}',
      false,
    ],
  ])('%s', (_, policy, passes) => expect(asked(policy)).toBe(passes));

  it('counts beside NetworkPolicies', () => {
    const shut = '{namespace: shop, podSelector: {}}';
    expect(asks([shut, own('ingress: [{fromEntities: [all]}]')], to, cilium)).toBe(true);
    expect(asks([shut, own('ingress: [{fromEntities: [all]}]')], to)).toBe(false);
  });

  it('a denial comes before whatever allows', () => {
    const policies = [
      own('ingress: [{fromEntities: [all]}]'),
      everywhere('name: ban, ingressDeny: [{fromEndpoints: [{matchLabels: {app: proxy}}]}]'),
    ];
    expect(decides(policies, { ...to, direction: 'ingress' }, cilium)).toBe('denied by ban at spec.ingressDeny[0]');
  });
});

describe('whom a rule takes', () => {
  it.each([
    ['an empty selector means the policy’s namespace', own('ingress: [{fromEndpoints: [{}]}]'), to, false],
    ['for a pod there', own('ingress: [{fromEndpoints: [{}]}]'), { from: api, to: web }, true],
    ['in a policy of the whole cluster every pod', everywhere('ingress: [{fromEndpoints: [{}]}]'), to, true],
    [
      'and nobody outside',
      everywhere('ingress: [{fromEndpoints: [{}]}]'),
      { from: outside({ address: '8.8.8.8' }), to: web },
      false,
    ],
    [
      'a namespace by its name',
      own('ingress: [{fromEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": envoy}}]}]'),
      to,
      true,
    ],
    [
      'without its source',
      own('ingress: [{fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: envoy, app: proxy}}]}]'),
      to,
      true,
    ],
    [
      'a namespace by its labels',
      own('ingress: [{fromEndpoints: [{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.team": envoy}}]}]'),
      to,
      true,
    ],
    [
      'any namespace',
      own(
        'ingress: [{fromEndpoints: [{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: Exists}]}]}]',
      ),
      to,
      true,
    ],
    [
      'a ServiceAccount',
      own('ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: other}}]}]'),
      { from: api, to: web },
      false,
    ],
    ['an empty list takes nobody', own('ingress: [{fromEndpoints: [], fromEntities: [all]}]'), to, false],
    ['ports alone take everybody', own('ingress: [{toPorts: [{ports: [{port: "8080"}]}]}]'), to, true],
    ['other ports nobody', own('ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]'), to, false],
    ['a port by its name', own('ingress: [{toPorts: [{ports: [{port: http, protocol: TCP}]}]}]'), to, true],
    ['a range', own('ingress: [{toPorts: [{ports: [{port: "8000", endPort: 8100, protocol: ANY}]}]}]'), to, true],
    ['port 0 is every port', own('ingress: [{toPorts: [{ports: [{port: "0", protocol: TCP}]}]}]'), to, true],
    ['ICMP is neither TCP nor UDP', own('ingress: [{fromEntities: [all], icmps: [{fields: [{type: 8}]}]}]'), to, false],
    ['the cluster', own('ingress: [{fromEntities: [cluster]}]'), to, true],
    ['the world is not the cluster', own('ingress: [{fromEntities: [world]}]'), to, false],
    ['addresses take no pod', own('ingress: [{fromCIDR: [10.0.0.0/8]}]'), to, false],
    [
      'a rule that looks into requests',
      own('ingress: [{toPorts: [{ports: [{port: "8080"}], rules: {http: [{method: GET}]}}]}]'),
      to,
      'a rule looks into the requests',
    ],
    [
      'a label that Cilium may leave out',
      own('ingress: [{fromEndpoints: [{matchLabels: {pod-template-hash: abc}}]}]'),
      { from: api, to: web },
      'Cilium may leave label pod-template-hash out of the identities that it knows pods by',
    ],
  ])('%s', (_, policy, question, passes) => expect(asked(policy, question)).toBe(passes));
});

describe('out of the cluster', () => {
  const acme = outside({ name: 'acme-v02.api.letsencrypt.org' });
  const out = (rule: string, party = acme) => asked(own(`egress: [${rule}]`), { from: web, to: party, port: 443 });
  it.each([
    ['{toEntities: [world]}', true],
    ['{toEntities: [cluster]}', false],
    ['{toCIDR: [0.0.0.0/0]}', true],
    ['{toCIDRSet: [{cidr: 0.0.0.0/0, except: [10.0.0.0/8]}]}', true],
    [
      '{toFQDNs: [{matchName: acme-v02.api.letsencrypt.org}]}',
      'it depends on what acme-v02.api.letsencrypt.org resolves to',
    ],
    ['{toFQDNs: [{matchPattern: "*.letsencrypt.org"}]}', 'it depends on what acme-v02.api.letsencrypt.org resolves to'],
    ['{toFQDNs: [{matchPattern: "*.example.com"}]}', false],
    ['{toServices: [{k8sService: {serviceName: a}}]}', 'a rule names Services'],
    ['{toCIDRSet: [{cidrGroupRef: offices}]}', 'a rule names a group of addresses'],
  ])('%s', (rule, passes) => expect(out(rule)).toBe(passes));

  it('DNS rules let names through, of which objects do not tell', () => {
    const dns = (pattern: string) =>
      asked(
        own(
          `egress: [{toEntities: [cluster], toPorts: [{ports: [{port: "53"}], rules: {dns: [{matchPattern: "${pattern}"}]}}]}]`,
        ),
        { from: web, to: envoy, port: 53, protocol: 'UDP' },
      );
    expect(dns('*')).toBe(true);
    expect(dns('*.example.com')).toBe('a rule lets some DNS names through');
  });
});

describe('nodes', () => {
  const server = node('one', { isApiServer: true });
  it.each([
    ['{toEntities: [kube-apiserver]}', server, true],
    ['{toEntities: [kube-apiserver]}', node('one'), false],
    ['{toEntities: [host]}', server, true],
    ['{toEntities: [host]}', node('two'), false],
    ['{toEntities: [remote-node]}', node('two'), true],
    ['{toEntities: [remote-node]}', node('one'), false],
    ['{toEntities: [cluster]}', server, true],
    ['{toCIDR: [192.168.1.20/32]}', server, false],
    ['{toEntities: [host]}', node('one', { name: undefined }), 'it is not known on which node the pod runs'],
    ['{toEntities: [moon]}', server, 'a rule names an entity moon, which is not known here'],
  ])('%s', (rule, party, passes) =>
    expect(asked(own(`egress: [${rule}]`), { from: web, to: party, port: 6443 })).toBe(passes),
  );

  it('are taken by their addresses where Cilium is told so', () => {
    const by = ciliumEnforcement({ 'policy-cidr-match-mode': 'nodes' });
    expect(asks([own('egress: [{toCIDR: [192.168.1.20/32]}]')], { from: web, to: server }, by)).toBe(true);
  });
});

describe('settings', () => {
  it.each([
    [{ 'enable-policy': 'never' }, [own('ingress: [{}]')], true],
    [{ 'enable-policy': 'always' }, [], false],
    [{ 'enable-policy': 'default' }, [], true],
    [{ 'enable-k8s-networkpolicy': 'false' }, ['{namespace: shop, podSelector: {}}'], true],
    [{ 'enable-cilium-network-policy': 'false' }, [own('ingress: [{}]')], true],
    [{ 'enable-cilium-clusterwide-network-policy': 'false' }, [everywhere('ingress: [{}]')], true],
  ])('%j', (settings, policies, passes) => expect(asks(policies, to, ciliumEnforcement(settings))).toBe(passes));

  it('always: closed, by no policy', () => {
    expect(decides([], { ...to, direction: 'ingress' }, ciliumEnforcement({ 'enable-policy': 'always' }))).toBe(
      'closed',
    );
  });
});
