/** Which names a certificate covers, compared with those that are routed through its listener. */
import { certificateCovers, hostnameTakes } from '../../../src/formats/hostname.ts';
import { defineCheck, nameOf, refOf, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, groupsOf, isNone } from '../../../src/runbook/told.ts';
import {
  envoyListenerSecrets,
  hostnamesOf,
  listenerReads,
  type ListenerSecret,
} from '../../models/listener-secrets.ts';
import { setField } from '../../models/patches.ts';
import { httpRoutes } from '../../models/reads.ts';
import { parentsOn } from '../../models/topology.ts';
import { has, ifThere } from '../../parts.ts';
import { stackCertificates } from '../../models/stack-listener.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { servesCertificate } from '../gateway/certificate.ts';

type Certificate = KubeObject<'Certificate'>;
type Route = KubeObject<'HTTPRoute'>;

/** A listener, and the Certificates that fill its Secrets. */
interface Served {
  secret: ListenerSecret;
  writers: readonly [Certificate, ...Certificate[]];
}

/** A name that a route serves, and that no certificate of its listener covers. */
interface Uncovered extends Served {
  route: Route;
  name: string;
  /** All such names of the listener: one change of the Certificate is for all. */
  all: readonly string[];
}

const covered = ({ writers }: Served): readonly string[] => writers.flatMap(hostnamesOf);

const addNames = ({ writers: [certificate], all }: Uncovered): Remedy => ({
  title: 'Add the name to the Certificate’s dnsNames.',
  ...setField(certificate, 'spec.dnsNames', [...new Set([...(certificate.spec.dnsNames ?? []), ...all])]),
  disturbs: 'Nothing: cert-manager requests a new certificate and Envoy takes it over when it is there.',
});

const rename = (title: string, { route }: Uncovered): Remedy => ({
  title,
  commands: [sh`kubectl edit httproute ${place(route.metadata)}`],
  disturbs: 'Whoever uses the old name: it is routed no more.',
});

/** What is alike in all names that are not covered. */
const aboutName = {
  message: (subject: Uncovered) =>
    `HTTPRoute ${nameOf(subject.route)} serves ${subject.name}, which no certificate of listener ${subject.secret.listener.name} covers (${covered(subject).join(', ')}).`,
  evidence: (subject: Uncovered) =>
    [
      {
        object: refOf(subject.route),
        path: 'spec.hostnames',
        observed: subject.name,
        expected: `a name that ${covered(subject).join(', ')} covers`,
      },
    ] as const,
};

const findings = {
  tooDeep: finding<Uncovered>({
    headline: '{name} is deeper than its certificate’s wildcard',
    means:
      'The wildcard of a certificate stands for one label. The route’s name has more before the domain, and browsers refuse it.',
    ...aboutName,
    remedies: (subject) => [addNames(subject), rename('Use a name with one label before the domain.', subject)],
  }),
  notCovered: finding<Uncovered>({
    headline: 'No certificate of its listener covers {name}',
    means: 'The certificates of the route’s listener are for other names, and browsers refuse it.',
    ...aboutName,
    remedies: (subject) => [addNames(subject), rename('Use a name that the certificate covers.', subject)],
  }),
};

export const coversRoutes = defineCheck({
  id: 'certificate/covers-the-hostnames',
  title: `${ifThere('wildcard', 'The certificate covers', 'Certificates cover')} every hostname that is routed`,
  why: ifThere(
    'wildcard',
    'A listener’s wildcard takes several labels and a certificate’s only one: a.b.example.com is routed, and no browser accepts it.',
    'A listener presents the certificate that it has, whatever name a route serves there: browsers refuse one that is not for the name.',
  ),
  needs: [envoyGateway.kindsInstalled, servesCertificate],
  reads: { ...listenerReads, routes: plain(httpRoutes) },
  commands: [
    sh`kubectl get certificate ${stackCertificates} -o custom-columns=NAME:.metadata.name,NAMES:.spec.dnsNames`,
    sh`kubectl get httproute -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNAMES:.spec.hostnames`,
  ],
  findings,
  judge(values, { find }) {
    const listeners = knownListeners(envoyListenerSecrets(values));
    if (isNone(listeners)) return skip('No Certificate fills a Secret of the Gateway’s listeners.');
    return foundOr('Every routed hostname is covered by its listener’s certificate.', () =>
      eachOf(listeners, (served) => judgeListener(served, values.routes, find)),
    );
  },
});

/** The listeners of which it is known what they serve, each once: one Secret that no Certificate here writes may cover anything. */
const knownListeners = (all: readonly ListenerSecret[]): readonly Served[] =>
  groupsOf(all, ({ listener }) => listener)
    .filter((own) => own.every(({ writers }) => writers.length > 0))
    .flatMap((own) => {
      const [secret] = own;
      const [writer, ...others] = own.flatMap(({ writers }) => writers);
      return writer === undefined ? [] : [{ secret, writers: [writer, ...others] as const }];
    });

function judgeListener(served: Served, routes: readonly Route[], find: Find<typeof findings>): readonly Judgement[] {
  const patterns = covered(served);
  const uncovered = servedNames(served.secret, routes).filter(
    ({ name }) => !patterns.some((pattern) => certificateCovers(pattern, name)),
  );
  const all = uncovered.map(({ name }) => name);
  return uncovered.map(({ route, name }) => {
    // Where each hostname has a certificate of its own, a wildcard's depth is nothing to speak of.
    const isDeep = has('wildcard') && patterns.some((pattern) => hostnameTakes(pattern, name));
    return isDeep ? find.tooDeep({ ...served, route, name, all }) : find.notCovered({ ...served, route, name, all });
  });
}

/** The names that routes serve through a listener. */
const servedNames = (
  { gateway, listener }: ListenerSecret,
  routes: readonly Route[],
): readonly { route: Route; name: string }[] =>
  routes
    .filter((route) => isOn(route, gateway, listener))
    .flatMap((route) =>
      (route.spec.hostnames ?? [])
        .filter((name) => hostnameTakes(listener.hostname, name) && !isTakenFrom(gateway, listener, name))
        .map((name) => ({ route, name })),
    );

const isOn = (route: Route, gateway: ListenerSecret['gateway'], listener: ListenerSecret['listener']): boolean =>
  parentsOn(route, gateway).some(
    ({ sectionName = listener.name, port = listener.port }) => sectionName === listener.name && port === listener.port,
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
