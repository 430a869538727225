/** Certificate: keeps the Secret filled from which Envoy serves TLS. [cert-manager 1.19] */
import { defineCheck, fail, pass, refOf, refTo, skip, type Judgement } from '../../src/runbook/check.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional, plain } from '../../src/runbook/read.ts';
import { condition, conditionPath, conditionText, inItsWords } from '../conditions.ts';
import { certificateCovers, hostnameTakes } from '../hostnames.ts';
import { certificates, envoyProxies, gatewayClasses, gateways, httpRoutes, services } from '../reads.ts';
import { stack } from '../stack.ts';
import { isNamed, tailnetGateways, type TailnetGateway } from '../topology.ts';

type Certificate = KubeObject<'Certificate'>;

const topology = {
  gateways: plain(gateways),
  gatewayClasses: plain(gatewayClasses),
  envoyProxies: plain(envoyProxies),
  services: plain(services),
};

interface ListenerSecret {
  gateway: TailnetGateway['gateway'];
  listener: TailnetGateway['gateway']['spec']['listeners'][number];
  namespace: string;
  name: string;
  /** The Certificates that write this Secret; none when something else does. */
  writers: readonly Certificate[];
}

/** The Secrets from which the tailnet's listeners serve, with the Certificates that fill them. */
function listenerSecrets(found: readonly TailnetGateway[], all: readonly Certificate[]): readonly ListenerSecret[] {
  return found.flatMap(({ gateway }) =>
    gateway.spec.listeners.flatMap((listener) =>
      (listener.tls?.certificateRefs ?? [])
        .filter((ref) => (ref.kind ?? 'Secret') === 'Secret' && (ref.group ?? '') === '')
        .map((ref) => {
          const namespace = ref.namespace ?? gateway.metadata.namespace ?? '';
          const writers = all.filter(
            (one) => one.metadata.namespace === namespace && one.spec?.secretName === ref.name,
          );
          return { gateway, listener, namespace, name: ref.name, writers };
        }),
    ),
  );
}

export const ready = defineCheck({
  id: 'certificate/ready',
  title: 'The Certificate behind the listener is ready',
  component: 'certificate',
  why: 'A listener whose Secret is missing or broken is not programmed, and its names are refused.',
  reads: { ...topology, certificates: optional(certificates) },
  commands: [`kubectl get certificate -n ${stack.certificate.namespace} ${stack.certificate.name}`],
  judge(values) {
    const secrets = listenerSecrets(tailnetGateways(values), values.certificates);
    if (secrets.length === 0) return skip('No listener of the Gateway terminates TLS with a Secret.');
    return secrets.map((secret) => judgeWriter(secret, values.certificates));
  },
});

function judgeWriter(
  { gateway, listener, namespace, name, writers }: ListenerSecret,
  all: readonly Certificate[],
): Judgement {
  const [certificate] = writers;
  if (certificate === undefined) {
    const listenerStatus = gateway.status?.listeners?.find((status) => status.name === listener.name);
    if (condition(listenerStatus?.conditions, 'ResolvedRefs')?.status !== 'False') {
      return skip(`No Certificate writes Secret ${namespace}/${name}; the listener is content with what is there.`);
    }
    const near = all.filter((one) => one.metadata.namespace === namespace);
    const [only] = near;
    return fail({
      message:
        only === undefined
          ? `Secret ${namespace}/${name} cannot be used, and no Certificate writes it.`
          : `Listener ${listener.name} takes Secret ${namespace}/${name}, which no Certificate writes; Certificate ${only.metadata.name} writes ${only.spec?.secretName}.`,
      evidence:
        only === undefined
          ? [
              {
                object: refTo('Certificate', stack.certificate),
                path: 'metadata.name',
                observed: 'not found',
                expected: `a Certificate with secretName ${name}`,
              },
            ]
          : [
              {
                object: refOf(gateway),
                path: `spec.listeners[?(@.name=="${listener.name}")].tls.certificateRefs[*].name`,
                observed: name,
                expected: only.spec?.secretName,
              },
            ],
      remedy: {
        summary:
          only === undefined
            ? 'Create the Certificate again from Git.'
            : 'Let listener and Certificate name the same Secret.',
        commands: [`kubectl apply -f infrastructure/gateway/${only === undefined ? 'certificate' : 'gateway'}.yaml`],
        disturbs: 'Nothing: the listener is programmed once the Secret is there.',
      },
    });
  }
  const found = condition(certificate.status?.conditions, 'Ready');
  const where = `${certificate.metadata.namespace}/${certificate.metadata.name}`;
  if (found?.status === 'True')
    return pass(`Certificate ${where} is ready until ${certificate.status?.notAfter ?? 'an unknown date'}.`);
  return fail({
    message: `Certificate ${where} is not ready: ${found?.reason ?? 'cert-manager has not looked at it'}.${inItsWords(found)}`,
    evidence: [
      {
        object: refOf(certificate),
        path: conditionPath('Ready'),
        observed: conditionText(found),
        expected: 'True (Ready)',
      },
    ],
    commands: [`kubectl describe certificate -n ${certificate.metadata.namespace} ${certificate.metadata.name}`],
    remedy: {
      summary:
        'Follow it down to the CertificateRequest, Order and Challenge: the deepest one that is not well is the cause.',
      commands: [
        `kubectl get certificaterequest,order,challenge -n ${certificate.metadata.namespace}`,
        `kubectl describe challenge -n ${certificate.metadata.namespace}`,
      ],
      disturbs: 'Nothing: reading only.',
    },
  });
}

export const coversRoutes = defineCheck({
  id: 'certificate/covers-the-hostnames',
  title: 'The certificate covers every hostname that is routed',
  component: 'certificate',
  why: 'A listener’s wildcard takes several labels and a certificate’s only one: a.b.example.com is routed, and no browser accepts it.',
  reads: { ...topology, certificates: optional(certificates), routes: plain(httpRoutes) },
  commands: [
    `kubectl get certificate -n ${stack.certificate.namespace} ${stack.certificate.name} -o jsonpath='{.spec.dnsNames}'`,
    `kubectl get httproute -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNAMES:.spec.hostnames`,
  ],
  judge(values) {
    const secrets = listenerSecrets(tailnetGateways(values), values.certificates).filter(
      ({ writers }) => writers.length > 0,
    );
    if (secrets.length === 0) return skip('No Certificate fills a Secret of the Gateway’s listeners.');
    const findings = secrets.flatMap(({ gateway, listener, writers }) =>
      values.routes
        .filter((route) =>
          route.spec.parentRefs?.some(
            (parent) =>
              isNamed(gateway, { namespace: parent.namespace ?? route.metadata.namespace ?? '', name: parent.name }) &&
              (parent.sectionName === undefined || parent.sectionName === listener.name),
          ),
        )
        .flatMap((route) =>
          (route.spec.hostnames ?? [])
            .filter((name) => hostnameTakes(listener.hostname, name))
            .filter((name) => !writers.some((one) => namesOf(one).some((covered) => certificateCovers(covered, name))))
            .map((name): Judgement => {
              const covered = writers.flatMap(namesOf).join(', ');
              return fail({
                message: `HTTPRoute ${route.metadata.namespace}/${route.metadata.name} serves ${name}, which no certificate of listener ${listener.name} covers (${covered}).`,
                evidence: [
                  {
                    object: refOf(route),
                    path: 'spec.hostnames',
                    observed: name,
                    expected: `a name that ${covered} covers`,
                  },
                ],
                remedy: {
                  summary:
                    'Use a name with one label before the domain, or add this name to the Certificate’s dnsNames.',
                  commands: [
                    `kubectl edit certificate -n ${writers[0]?.metadata.namespace} ${writers[0]?.metadata.name}`,
                  ],
                  disturbs:
                    'Nothing: cert-manager requests a new certificate and Envoy takes it over when it is there.',
                },
              });
            }),
        ),
    );
    return findings.length > 0 ? findings : pass('Every routed hostname is covered by its listener’s certificate.');
  },
});

const namesOf = (certificate: Certificate): readonly string[] => [
  ...(certificate.spec?.dnsNames ?? []),
  ...(certificate.spec?.commonName === undefined ? [] : [certificate.spec.commonName]),
];
