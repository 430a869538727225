/** Gateway: whether it terminates TLS at all, and with a certificate that is about the listener's names. */
import { hostnamesIntersect } from '../../../src/formats/hostname.ts';
import { defineCheck, nameOf, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { foundOr, groupsOf, isNone } from '../../../src/runbook/told.ts';
import {
  envoyListenerSecrets,
  hostnamesOf,
  listenerReads,
  type ListenerSecret,
} from '../../models/listener-secrets.ts';
import { setField } from '../../models/patches.ts';
import { fieldOf } from '../../models/references.ts';
import { followedCertificate, followedListener } from '../../models/stack-listener.ts';
import { envoyGateways, isNamed, leftTheDomain, wildcard } from '../../models/topology.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import type { Gateway } from './gateways.ts';

type Certificate = KubeObject<'Certificate'>;

/** A listener, and what it serves that is not about its names. */
interface Mismatch {
  gateway: Gateway;
  secret: ListenerSecret;
  certificate: Certificate;
}

const takes = ({ secret: { listener, namespace, name }, gateway }: Mismatch): string =>
  `Listener ${listener.name} of Gateway ${nameOf(gateway)} takes ${listener.hostname ?? 'any name'} and serves Secret ${namespace}/${name}, whose certificate is for`;

/** The name that a listener's certificate has to be for. */
const hostnameOf = ({ secret: { listener } }: Mismatch): string => listener.hostname || followedListener.hostname;

const listOf = ({ spec }: Gateway): string =>
  spec.listeners.map(({ name, protocol, port }) => `${name}: ${protocol} on ${port}`).join(', ');

/** What is alike where the listener serves a certificate for other names. */
const forOthers = (subject: Mismatch): string =>
  `${takes(subject)} ${subject.secret.writers.flatMap(hostnamesOf).join(', ')}: browsers refuse it.`;

/** What is alike where the Certificate is to be corrected. */
const aboutCertificate = {
  evidence: (subject: Mismatch) =>
    [
      {
        object: refOf(subject.certificate),
        path: 'spec.dnsNames',
        observed: subject.secret.writers.flatMap(hostnamesOf).join(', ') || 'none',
        expected: hostnameOf(subject),
      },
    ] as const,
  remedies: (subject: Mismatch) =>
    [
      {
        title: `Let the Certificate be for ${hostnameOf(subject)}.`,
        ...setField(subject.certificate, 'spec.dnsNames', [hostnameOf(subject)]),
        disturbs: 'Nothing: Envoy takes the new certificate over when it is there.',
      },
    ] as const,
};

const findings = {
  noTls: finding<{ gateway: Gateway }>({
    headline: 'Gateway {gateway} has no HTTPS listener',
    means: 'No listener of the Gateway ends TLS: whoever asks by https gets no answer.',
    message: ({ gateway }) =>
      `Gateway ${nameOf(gateway)} has no HTTPS listener (${listOf(gateway)}): TLS handshakes are answered by nobody.`,
    evidence: ({ gateway }) => [
      {
        object: refOf(gateway),
        path: 'spec.listeners[*].protocol',
        observed: listOf(gateway),
        expected: `HTTPS on 443, with certificateRefs to ${followedCertificate.secret}`,
      },
    ],
    remedies: () => [
      {
        title: 'Restore the HTTPS listener from Git.',
        commands: [sh`kubectl apply -f infrastructure/gateway/gateway.yaml`],
        disturbs: 'Nothing that works now.',
      },
    ],
  }),
  certificateForOthers: finding<Mismatch>({
    headline: 'Certificate {certificate} is for other names',
    means: 'None of the names that the Certificate is for is one that the listener takes: browsers refuse it.',
    message: forOthers,
    ...aboutCertificate,
  }),
  certificateForNobody: finding<Mismatch>({
    headline: 'Certificate {certificate} is for no hostname',
    means: 'The Certificate has neither dnsNames nor a common name: browsers refuse it, whatever they asked for.',
    message: (subject) => `${takes(subject)} no hostname: browsers refuse it.`,
    ...aboutCertificate,
  }),
  otherCertificate: finding<Mismatch & { better: Certificate }>({
    headline: 'A listener of {gateway} serves the wrong certificate',
    means: 'The listener names the Secret of a certificate for other names, while one for its own is there.',
    message: forOthers,
    evidence: ({ gateway, secret, better }) => [
      {
        object: refOf(gateway),
        path: fieldOf(secret.reference, 'name'),
        observed: secret.name,
        expected: better.spec.secretName,
      },
    ],
    remedies: ({ gateway, secret, better }) => [
      {
        title: `Let the listener name Secret ${better.spec.secretName}.`,
        ...setField(gateway, fieldOf(secret.reference, 'name'), better.spec.secretName),
        disturbs: 'Nothing: Envoy takes the other certificate over without closing connections.',
      },
    ],
  }),
};

export const servesCertificate = defineCheck({
  id: 'gateway/serves-fitting-certificates',
  title: 'The Gateway’s HTTPS listeners serve a certificate for their names',
  why: 'A listener presents whatever certificate it names; browsers accept only one that is about the hostname.',
  needs: [envoyGateway.kindsInstalled],
  reads: listenerReads,
  commands: [
    sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{range .spec.listeners[*]}{.name}{": "}{.protocol}{" "}{.hostname}{" "}{.tls.certificateRefs[*].name}{"\\n"}{end}'`,
    sh`kubectl get certificate -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,SECRET:.spec.secretName,NAMES:.spec.dnsNames`,
  ],
  findings,
  judge(values, { find }) {
    const { gateways, certificates } = values;
    if (isNone(envoyGateways(values))) return skip('There is no Gateway to look at.');
    const plain = gateways.filter((gateway) => isNamed(gateway, stack.gateway) && !endsTls(gateway));
    return foundOr(
      'Every HTTPS listener serves a certificate that is about its names.',
      plain.map((gateway) => find.noTls({ gateway })),
      mismatched(envoyListenerSecrets(values)).map((mismatch) => judgeMismatch(mismatch, certificates, find)),
    );
  },
});

const endsTls = ({ spec }: Gateway): boolean =>
  spec.listeners.some(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS');

/** Whether a certificate is good for any name that a listener takes. */
const fits = (certificate: Certificate, hostname: string | undefined): boolean =>
  hostnamesOf(certificate).some((name) => hostnamesIntersect(hostname, name));

/**
 * The listeners that serve nothing about their names. Of several certificates one is enough, and one that nobody here writes may be about
 * anything. Where every listener left the domain, and the certificate did not, httproute/hostnames-are-served has the fault.
 */
const mismatched = (all: readonly ListenerSecret[]): readonly Mismatch[] => {
  const judged = all.filter(
    ({ gateway, writers }) => !(leftTheDomain(gateway) && writers.some((writer) => fits(writer, wildcard))),
  );
  return groupsOf(judged, ({ listener }) => listener)
    .filter((own) =>
      own.every(
        ({ listener, writers }) => writers.length > 0 && !writers.some((writer) => fits(writer, listener.hostname)),
      ),
    )
    .flatMap(([secret]) => {
      const [certificate] = secret.writers;
      return certificate === undefined ? [] : [{ gateway: secret.gateway, secret, certificate }];
    });
};

function judgeMismatch(subject: Mismatch, all: readonly Certificate[], find: Find<typeof findings>): Judgement {
  const { listener, namespace, writers } = subject.secret;
  const better = all.find((one) => one.metadata.namespace === namespace && fits(one, listener.hostname));
  if (better !== undefined) return find.otherCertificate({ ...subject, better });
  return writers.flatMap(hostnamesOf).length === 0
    ? find.certificateForNobody(subject)
    : find.certificateForOthers(subject);
}
