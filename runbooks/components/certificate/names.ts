/** Which names a certificate covers, compared with those that are routed through its listener. */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { certificateCovers, hostnameTakes } from '../../../src/formats/hostname.ts';
import { listenerReads, listenerSecrets, type ListenerSecret } from '../../models/listener-secrets.ts';
import { mergePatch } from '../../models/patches.ts';
import { httpRoutes } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { servesCertificate } from '../gateway/certificate.ts';

type Certificate = KubeObject<'Certificate'>;
type Route = KubeObject<'HTTPRoute'>;

const namesOf = ({ spec }: Certificate): readonly string[] => [
  ...(spec.dnsNames ?? []),
  ...(spec.commonName === undefined ? [] : [spec.commonName]),
];

export const coversRoutes = defineCheck({
  id: 'certificate/covers-the-hostnames',
  title: 'The certificate covers every hostname that is routed',
  why: 'A listener’s wildcard takes several labels and a certificate’s only one: a.b.example.com is routed, and no browser accepts it.',
  needs: [envoyGateway.kindsInstalled, servesCertificate],
  reads: { ...listenerReads, routes: plain(httpRoutes) },
  commands: [
    sh`kubectl get certificate ${place(stack.certificate)} -o jsonpath='{.spec.dnsNames}'`,
    sh`kubectl get httproute -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNAMES:.spec.hostnames`,
  ],
  judge(values): Judgement | readonly Judgement[] {
    const all = listenerSecrets(values);
    // A listener may serve several certificates; one that nobody here writes may cover anything.
    const known = all.filter(
      ({ gateway, listener }) =>
        !all.some((one) => one.gateway === gateway && one.listener === listener && one.writers.length === 0),
    );
    if (known.length === 0) return skip('No Certificate fills a Secret of the Gateway’s listeners.');
    const listeners = known.filter(
      (one, index) =>
        known.findIndex((other) => other.gateway === one.gateway && other.listener === one.listener) === index,
    );
    const findings = listeners.flatMap((secret) => {
      const writers = known
        .filter(({ gateway, listener }) => gateway === secret.gateway && listener === secret.listener)
        .flatMap((one) => one.writers);
      return judgeListener(secret, writers, values.routes);
    });
    return findings.length > 0 ? findings : pass('Every routed hostname is covered by its listener’s certificate.');
  },
});

function judgeListener(
  { gateway, listener }: ListenerSecret,
  writers: readonly Certificate[],
  routes: readonly Route[],
): readonly Judgement[] {
  const covered = writers.flatMap(namesOf);
  const covers = (name: string): boolean => covered.some((pattern) => certificateCovers(pattern, name));
  const served = routes
    .filter((route) => isOn(route, gateway, listener))
    .flatMap((route) =>
      (route.spec.hostnames ?? [])
        .filter((name) => hostnameTakes(listener.hostname, name) && !isTakenFrom(gateway, listener, name))
        .map((name) => ({ route, name })),
    );
  const uncovered = served.filter(({ name }) => !covers(name));
  const [certificate] = writers;
  if (certificate === undefined || uncovered.length === 0) return [];
  const disturbs = 'Nothing: cert-manager requests a new certificate and Envoy takes it over when it is there.';
  return uncovered.map(({ route, name }) =>
    fail({
      message: `HTTPRoute ${route.metadata.namespace}/${route.metadata.name} serves ${name}, which no certificate of listener ${listener.name} covers (${covered.join(', ')}).`,
      evidence: [
        {
          object: refOf(route),
          path: 'spec.hostnames',
          observed: name,
          expected: `a name that ${covered.join(', ')} covers`,
        },
      ],
      remedy: {
        title: 'Use a name with one label before the domain, or add this name to the Certificate’s dnsNames.',
        commands: [
          mergePatch('certificate', certificate.metadata, {
            spec: {
              dnsNames: [...new Set([...(certificate.spec.dnsNames ?? []), ...uncovered.map((one) => one.name)])],
            },
          }),
        ],
        disturbs,
      },
    }),
  );
}

const isOn = (route: Route, gateway: ListenerSecret['gateway'], listener: ListenerSecret['listener']): boolean =>
  (route.spec.parentRefs ?? []).some(
    (parent) =>
      (parent.kind ?? 'Gateway') === 'Gateway' &&
      isNamed(gateway, { namespace: parent.namespace ?? route.metadata.namespace ?? '', name: parent.name }) &&
      (parent.sectionName === undefined || parent.sectionName === listener.name) &&
      (parent.port === undefined || parent.port === listener.port),
  );

/** Whether another listener takes a name from this one: Envoy presents the certificate of the most specific match. */
const isTakenFrom = (
  { spec }: ListenerSecret['gateway'],
  listener: ListenerSecret['listener'],
  name: string,
): boolean =>
  spec.listeners.some(
    (other) =>
      other.port === listener.port &&
      (other.hostname ?? '').length > (listener.hostname ?? '').length &&
      hostnameTakes(other.hostname, name),
  );
