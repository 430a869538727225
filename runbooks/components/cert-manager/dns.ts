/** Whether cert-manager sees its own DNS-01 records, where the cluster's resolver answers the zone itself. */
import { answerOf, isLeftToOthers, type DnsAnswer } from '../../../src/formats/corefile/answer.ts';
import { blockFor, rootPort, type Corefile } from '../../../src/formats/corefile/corefile.ts';
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { joined, sh } from '../../../src/runbook/shell.ts';
import { anyOf, isNone } from '../../../src/runbook/told.ts';
import { atVersionOf } from '../../models/helm.ts';
import { issuanceOf, issuanceReads, stateOf } from '../../models/issuance.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { corefile, deployments } from '../../models/reads.ts';
import { followedListener } from '../../models/stack-listener.ts';
import { stack } from '#stack';
import { has } from '../../parts.ts';
import { challengeRecord } from '../../stack-listeners.ts';
import * as certManager from './cert-manager.ts';
import { showCorefile } from '../coredns/corefile.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Challenge = KubeObject<'Challenge'>;
type Deployment = KubeObject<'Deployment'>;

/** A record that a Challenge waits for, and that a server block of CoreDNS hides. */
interface Hidden {
  challenge: Challenge;
  controller: Deployment | undefined;
  config: KubeObject<'ConfigMap'>;
  record: string;
  /** Keys of the server block. */
  block: string;
  /** The plugin or the rewrite that hides it. */
  by: string;
}

/** Whom the controller is told to ask. */
export const resolversOf = (controller: Deployment | undefined): readonly Evidence[] =>
  controller === undefined
    ? []
    : [
        {
          object: refOf(controller),
          path: 'spec.template.spec.containers[*].args',
          observed: certManager.argumentsOf(controller).filter((argument) => argument.startsWith('--dns01')),
          expected: '--dns01-recursive-nameservers, or a Corefile that lets _acme-challenge through',
        },
      ];

const evidenceOf =
  (seen: (subject: Hidden) => string) =>
  (subject: Hidden): readonly [Evidence, ...Evidence[]] => {
    const { config, record, challenge, controller } = subject;
    return [
      {
        object: refOf(config),
        path: 'data.Corefile',
        observed: seen(subject),
        expected: `${record} forwarded to public DNS`,
      },
      {
        object: refOf(challenge),
        path: 'status.state',
        observed: challenge.status?.state ?? 'pending',
        expected: 'valid',
      },
      ...resolversOf(controller),
    ];
  };

const disturbs = 'Nothing: CoreDNS takes the change up by itself, and the Challenge is tried again.';

export const mendCorefile = (title: string): Remedy => ({
  title,
  commands: [
    has('internalService')
      ? sh`kubectl apply -k infrastructure/coredns`
      : sh`kubectl edit configmap -n ${stack.coredns.namespace} ${stack.coredns.configMap}`,
  ],
  disturbs,
});

export const askPublicDns = (controller: Deployment | undefined): Remedy => ({
  title: 'Let cert-manager ask public resolvers, past the cluster’s.',
  commands: [
    joined([
      sh`helm upgrade cert-manager oci://quay.io/jetstack/charts/cert-manager`,
      ...atVersionOf(controller),
      sh`-n ${stack.certManager.namespace} --reuse-values --set 'extraArgs={--dns01-recursive-nameservers-only,--dns01-recursive-nameservers=1.1.1.1:53\\,1.0.0.1:53}'`,
    ]),
  ],
  disturbs: 'Nothing: cert-manager restarts, and the Challenge is tried again.',
});

interface Way {
  headline: string;
  means: string;
  /** How the block hides the record, to close the sentence. */
  because: (subject: Hidden) => string;
  seen: (subject: Hidden) => string;
  mend: string;
}

/** What is alike in all ways to hide a record. */
const hidden = ({ headline, means, because, seen, mend }: Way): Finding<Hidden> =>
  finding<Hidden>({
    headline,
    means,
    message: (subject) =>
      `Challenge ${nameOf(subject.challenge)} waits for a record that cert-manager cannot see: ${because(subject)}, in its block for ${subject.block}.`,
    quote: ({ challenge }) => ({
      text: challenge.status?.reason?.trim() ?? '',
      by: 'cert-manager, in the Challenge’s status',
    }),
    evidence: evidenceOf(seen),
    remedies: ({ controller }) => [mendCorefile(mend), askPublicDns(controller)],
  });

/** cert-manager's words while it cannot see the record that it wrote. */
const waitsForRecord = ({ status }: Challenge): boolean =>
  /propagat|self[- ]check|SOA|authoritative nameserver/i.test(status?.reason ?? '');

/** Whom cert-manager asks, and what CoreDNS answers. */
export const showResolvers = [
  showCorefile,
  sh`kubectl get deployment -n ${stack.certManager.namespace} ${stack.certManager.deployment} -o jsonpath='{.spec.template.spec.containers[0].args}'`,
] as const;

export const seesPublicDns = defineCheck({
  id: 'cert-manager/sees-public-dns',
  title: 'cert-manager sees the DNS-01 records that it writes',
  why: 'Before it calls Let’s Encrypt it looks for its record through the cluster’s resolver; one that answers the zone itself hides it.',
  needs: [envoyGateway.kindsInstalled, certManager.kindsInstalled],
  reads: { ...listenerReads, ...issuanceReads, deployments: plain(deployments), corefile: plain(corefile) },
  commands: [...showResolvers, sh`dig +short TXT ${challengeRecord(followedListener.hostname)} @1.1.1.1`],
  findings: {
    rewritten: hidden({
      headline: 'CoreDNS rewrites {record}',
      means:
        'A rewrite that is meant for hostnames takes the name of the DNS-01 record too. cert-manager asks CoreDNS for the record and never sees it.',
      because: ({ record }) => `CoreDNS answers ${record} itself by a rewrite`,
      seen: ({ by }) => `rewrite ${by}`,
      mend: 'Keep _acme-challenge out of the rewrite: allow no underscore in its expression.',
    }),
    answered: hidden({
      headline: 'CoreDNS answers {record} itself',
      means:
        'A plugin of the server block answers the whole zone from inside the cluster. cert-manager asks CoreDNS for the DNS-01 record and never sees it.',
      because: ({ record, by }) => `CoreDNS answers ${record} itself, from its plugin ${by}`,
      seen: ({ by, record, block }) => `${by} answers ${record} in block ${block}`,
      mend: 'Let the plugin pass on the names that it does not have (fallthrough), and forward the rest of the zone.',
    }),
    unanswered: hidden({
      headline: 'CoreDNS has no answer for {record}',
      means:
        'The zone has a server block of its own, and no plugin of it takes the question. cert-manager asks CoreDNS for the DNS-01 record and gets an error.',
      because: ({ record }) => `CoreDNS keeps ${record} to itself and has no plugin that answers it`,
      seen: ({ record, block }) => `no plugin answers ${record} in block ${block}`,
      mend: 'Forward the rest of the zone to public DNS in that block.',
    }),
  },
  judge(values, { now, find }) {
    const challenge = waitingIn(values, now);
    if (challenge === undefined) return skip('No Challenge waits for a record to be seen.', []);
    const controller = certManager.controllerOf(values.deployments);
    if (asksElsewhere(controller)) return pass('cert-manager asks resolvers of its own, past the cluster’s.');
    const text = values.corefile?.data?.['Corefile'];
    if (values.corefile === undefined || text === undefined) return skip('There is no Corefile to look at.', []);
    const record = challengeRecord(challenge.spec.dnsName);
    const hider = hiderOf(record, parseCorefile(text));
    return hider === undefined
      ? pass(`CoreDNS passes questions for ${record} on to public DNS.`)
      : find[hider.how]({ challenge, controller, config: values.corefile, record, ...hider });
  },
});

type Values = Parameters<typeof servedCertificates>[0] & Parameters<typeof issuanceOf>[1];

function waitingIn(values: Values, now: Date): Challenge | undefined {
  const isUnwell = (certificate: KubeObject<'Certificate'>): boolean => stateOf(certificate, now) !== 'well';
  const noneWaits = anyOf(
    () => isNone(values.certificates.filter(isUnwell)),
    () => isNone(values.challenges.filter(waitsForRecord)),
  );
  if (noneWaits) return undefined;
  return servedCertificates(values)
    .filter(isUnwell)
    .flatMap((certificate) => issuanceOf(certificate, values).challenges)
    .find(waitsForRecord);
}

export const asksElsewhere = (controller: Deployment | undefined): boolean =>
  certManager.flagsOfController(controller).last('dns01-recursive-nameservers') !== '';

/** What keeps a record from being asked of public DNS, and in which server block. */
export function hiderOf(
  record: string,
  corefile: Corefile,
): { how: 'rewritten' | 'answered' | 'unanswered'; block: string; by: string } | undefined {
  const block = blockFor(corefile, record, rootPort(corefile));
  const answer = block === undefined ? undefined : answerOf(block, record, 'TXT');
  if (block === undefined || answer === undefined || isPassedOn(answer)) return undefined;
  const { rewritten, plugin } = answer;
  if (rewritten !== undefined) return { how: 'rewritten', block: block.title, by: rewritten.by.args.join(' ') };
  return { how: plugin === '' ? 'unanswered' : 'answered', block: block.title, by: plugin };
}

/** A plugin whose data is out of sight may well pass it on. */
const isPassedOn = (answer: DnsAnswer): boolean => answer.result.kind === 'elsewhere' || isLeftToOthers(answer);
