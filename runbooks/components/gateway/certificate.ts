/** Gateway: whether it terminates TLS at all, and with a certificate that is about the listener's names. */
import { defineCheck, fail, nameOf, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { hostnamesIntersect } from '../../../src/formats/hostname.ts';
import { listenerReads, listenerSecrets, type ListenerSecret } from '../../models/listener-secrets.ts';
import { mergePatch } from '../../models/patches.ts';
import { stack } from '../../stack.ts';
import { isNamed, leftTheDomain, tailnetGateways, wildcard } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Certificate = KubeObject<'Certificate'>;

const namesOf = ({ spec }: Certificate): readonly string[] => [
  ...(spec.dnsNames ?? []),
  ...(spec.commonName === undefined ? [] : [spec.commonName]),
];

/** Whether a certificate is good for any name that a listener takes. */
const fits = (certificate: Certificate, hostname: string | undefined): boolean =>
  namesOf(certificate).some((name) => hostnamesIntersect(hostname, name));

export const servesCertificate = defineCheck({
  id: 'gateway/serves-the-wildcard-certificate',
  title: 'The Gateway’s HTTPS listeners serve a certificate for their names',
  why: 'A listener presents whatever certificate it names; browsers accept only one that is about the hostname.',
  needs: [envoyGateway.kindsInstalled],
  reads: listenerReads,
  commands: [
    sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{range .spec.listeners[*]}{.name}{": "}{.protocol}{" "}{.hostname}{" "}{.tls.certificateRefs[*].name}{"\\n"}{end}'`,
    sh`kubectl get certificate -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,SECRET:.spec.secretName,NAMES:.spec.dnsNames`,
  ],
  judge(values) {
    const gateways = tailnetGateways(values).map(({ gateway }) => gateway);
    if (gateways.length === 0) return skip('There is no Gateway to look at.');
    const plain = gateways
      .filter((gateway) => isNamed(gateway, stack.gateway))
      .filter(({ spec }) => !spec.listeners.some(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS'))
      .map(judgePlain);
    // A listener may serve several certificates; one that nobody here writes may be about anything.
    // Where every listener left the domain, and the certificate did not, httproute/hostnames-are-served has the fault.
    const secrets = listenerSecrets(values).filter(
      ({ gateway, writers }) => !(leftTheDomain(gateway) && writers.some((writer) => fits(writer, wildcard))),
    );
    const mismatched = [...Map.groupBy(secrets, ({ listener }) => listener).values()]
      .filter((own) =>
        own.every(
          ({ listener, writers }) => writers.length > 0 && !writers.some((writer) => fits(writer, listener.hostname)),
        ),
      )
      .flatMap(([first]) => (first === undefined ? [] : [judgeMismatch(first, values.certificates)]));
    const findings = [...plain, ...mismatched];
    return findings.length > 0 ? findings : pass('Every HTTPS listener serves a certificate that is about its names.');
  },
});

function judgePlain(gateway: KubeObject<'Gateway'>): Judgement {
  const listeners = gateway.spec.listeners
    .map(({ name, protocol, port }) => `${name}: ${protocol} on ${port}`)
    .join(', ');
  return fail({
    message: `Gateway ${nameOf(gateway)} has no HTTPS listener (${listeners}): TLS handshakes are answered by nobody.`,
    evidence: [
      {
        object: refOf(gateway),
        path: 'spec.listeners[*].protocol',
        observed: listeners,
        expected: `HTTPS on 443, with certificateRefs to ${stack.certificate.secret}`,
      },
    ],
    remedy: {
      title: 'Restore the HTTPS listener from Git.',
      commands: [sh`kubectl apply -f infrastructure/gateway/gateway.yaml`],
      disturbs: 'Nothing that works now.',
    },
  });
}

function judgeMismatch(
  { gateway, listener, namespace, name, writers }: ListenerSecret,
  all: readonly Certificate[],
): Judgement {
  const [writer] = writers;
  const hostname = listener.hostname ?? 'any name';
  const better = all.find((one) => one.metadata.namespace === namespace && fits(one, listener.hostname));
  const covered = writers.flatMap(namesOf).join(', ');
  const message = `Listener ${listener.name} of Gateway ${nameOf(gateway)} takes ${hostname} and serves Secret ${namespace}/${name}, whose certificate is for ${covered}: browsers refuse it.`;
  if (better === undefined && writer !== undefined) {
    return fail({
      message,
      evidence: [{ object: refOf(writer), path: 'spec.dnsNames', observed: covered, expected: hostname }],
      remedy: {
        title: `Let the Certificate be for ${hostname}, in Git too.`,
        commands: [
          listener.hostname === undefined
            ? sh`kubectl edit certificate -n ${namespace} ${writer.metadata.name}`
            : mergePatch('certificate', { namespace, name: writer.metadata.name }, { spec: { dnsNames: [hostname] } }),
        ],
        disturbs: 'Nothing: Envoy takes the new certificate over when it is there.',
      },
    });
  }
  return fail({
    message,
    evidence: [
      {
        object: refOf(gateway),
        path: `spec.listeners[?(@.name=="${listener.name}")].tls.certificateRefs[*].name`,
        observed: name,
        expected: better?.spec.secretName ?? stack.certificate.secret,
      },
    ],
    remedy: {
      title: `Let the listener name Secret ${better?.spec.secretName ?? stack.certificate.secret}, in Git too.`,
      commands: [sh`kubectl edit gateway ${place(gateway.metadata)}`],
      disturbs: 'Nothing: Envoy takes the other certificate over without closing connections.',
    },
  });
}
