/** A read as a command to type, as words in a sentence, and as the key that makes it one with its equals. */
import { describe, expect, it } from 'vitest';
import { apiVersion, crdName } from '../../src/runbook/kinds.ts';
import { list, object, readCommand, readKey, readSubject, type Read } from '../../src/runbook/read.ts';

const table: readonly (Record<'command' | 'subject', string> & { read: Read })[] = [
  {
    read: object('ConfigMap', { namespace: 'kube-system', name: 'cilium-config' }, 'w'),
    command: 'kubectl get configmap -n kube-system cilium-config -o yaml',
    subject: 'ConfigMap kube-system/cilium-config',
  },
  {
    read: object('GatewayClass', { name: 'tailscale' }, 'w'),
    command: 'kubectl get gatewayclass tailscale -o yaml',
    subject: 'GatewayClass tailscale',
  },
  {
    read: list('Gateway', 'w'),
    command: 'kubectl get gateway -A',
    subject: 'gateways in all namespaces',
  },
  {
    read: list('GatewayClass', 'w'),
    command: 'kubectl get gatewayclass',
    subject: 'gatewayclasses',
  },
  {
    read: list('Pod', 'w', { namespace: 'kube-system', labels: { 'k8s-app': 'cilium', tier: 'node' } }),
    command: 'kubectl get pod -n kube-system -l k8s-app=cilium,tier=node',
    subject: 'pods in kube-system labelled k8s-app=cilium,tier=node',
  },
  {
    read: {
      type: 'log',
      namespace: 'a',
      pod: 'p',
      container: 'c',
      tailLines: 50,
      keep: { lines: '', fields: [] },
      why: 'w',
    },
    command: 'kubectl logs -n a p -c c --tail=50',
    subject: 'the log of pod a/p, container c',
  },
  {
    read: { type: 'tcp', host: '100.64.0.1', port: 443, why: 'w' },
    command: 'nc -vz -w 5 100.64.0.1 443',
    subject: 'a TCP connection to 100.64.0.1:443',
  },
  {
    read: { type: 'tls', host: 'h', port: 443, servername: 'a.example.com', why: 'w' },
    command: 'openssl s_client -connect h:443 -servername a.example.com </dev/null',
    subject: 'a TLS handshake with h:443 for a.example.com',
  },
  {
    read: { type: 'tls', host: 'h', port: 443, servername: null, why: 'w' },
    command: 'openssl s_client -connect h:443 -noservername </dev/null',
    subject: 'a TLS handshake with h:443 without server name',
  },
  {
    read: { type: 'dns', name: 'docs.sudhanva.me', record: 'A', server: 'system', why: 'w' },
    command: 'dig +noall +answer docs.sudhanva.me A',
    subject: 'the A record of docs.sudhanva.me as this machine resolves it',
  },
  {
    read: { type: 'dns', name: 'docs.sudhanva.me', record: 'AAAA', server: { host: '1.1.1.1', port: 53 }, why: 'w' },
    command: 'dig +noall +answer -p 53 @1.1.1.1 docs.sudhanva.me AAAA',
    subject: 'the AAAA record of docs.sudhanva.me at 1.1.1.1:53',
  },
  {
    read: { type: 'http', host: '100.64.0.1', port: 443, servername: 'docs.sudhanva.me', why: 'w' },
    command: 'curl -sS -o /dev/null -D - --connect-to ::100.64.0.1:443 https://docs.sudhanva.me/',
    subject: 'https://docs.sudhanva.me/ at 100.64.0.1:443',
  },
];

describe.each(table)('$subject', ({ read, command, subject }) => {
  it('has its command and its words', () => {
    expect({ command: readCommand(read).text, subject: readSubject(read) }).toEqual({ command, subject });
  });
});

describe('keys', () => {
  it('do not look at why something is read', () => {
    expect(readKey(list('Pod', 'one'))).toBe(readKey(list('Pod', 'other')));
  });

  it('tell namespaces, labels and kinds apart', () => {
    const reads = [
      ...table.map(({ read }) => read),
      list('Pod', 'w'),
      list('Pod', 'w', { namespace: 'a' }),
      list('Pod', 'w', { labels: { a: 'b' } }),
      list('Pod', 'w', { fields: { a: 'b' } }),
      list('Service', 'w'),
    ];
    expect(new Set(reads.map(readKey)).size).toBe(reads.length);
  });
});

describe('kinds', () => {
  it('know their apiVersion and definition', () => {
    expect(apiVersion('Pod')).toBe('v1');
    expect(apiVersion('Deployment')).toBe('apps/v1');
    expect(apiVersion('EnvoyProxy')).toBe('gateway.envoyproxy.io/v1alpha1');
    expect(crdName('Gateway')).toBe('gateways.gateway.networking.k8s.io');
  });
});
