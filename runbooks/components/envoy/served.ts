/** Envoy: which certificate it really serves for a hostname. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  unknown,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { follow, optional, type Inputs, type TlsRead, type TlsResult } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { isOfCertManager } from '../../models/issuers.ts';
import { listenerSecrets } from '../../models/listener-secrets.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { certificates } from '../../models/reads.ts';
import { noRequest, requestOf, requestReads, type Request, type RequestValues } from '../../models/request.ts';
import { stack } from '#stack';
import * as certificate from '../certificate/certificate.ts';
import { type Gateway } from '../gateway/gateways.ts';
import { restart } from '../envoy-gateway/remedies.ts';
import * as httproute from '../httproute/httproute.ts';
import { device, entranceOf } from './entrance.ts';
import { completesHandshake } from './handshake.ts';

type Certificate = KubeObject<'Certificate'>;
type Completed = Extract<TlsResult, { outcome: 'completed' }>;

const minute = 60_000;
const hour = 60 * minute;

const showCertificate = sh`openssl s_client -connect ${device}:443 -servername ${stack.app.hostname} </dev/null | openssl x509 -noout -subject -issuer -dates`;

const handshake = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly TlsRead[] => {
    const entrance = entranceOf(values, inputs);
    return entrance === undefined
      ? []
      : [{ type: 'tls', ...entrance, why: 'which certificate Envoy serves for the hostname' }];
  },
  { why: 'which certificate Envoy serves for the hostname', command: showCertificate, probes: true },
);

/** The certificate that came back for a hostname. */
interface Served {
  hostname: string;
  gateway: Gateway;
  served: Completed;
  /** The Certificate that should be behind it; none where something else fills the Secret. */
  writer: Certificate | undefined;
  now: Date;
}

/** A certificate from before the renewal, and the Certificate that holds the one after it. */
interface Behind extends Served {
  held: Certificate;
}

const date = (time: string): string => time.slice(0, 10);
const isOver = ({ notAfter }: Completed, now: Date): boolean => Date.parse(notAfter) < now.getTime();
const pathOf = ({ hostname }: Served, field: string): string =>
  `certificate served for ${hostname}, seen from this machine, ${field}`;

const restartEnvoy = ({ metadata }: Gateway): Remedy => ({
  title: 'If that does not help, restart Envoy: it asks for its certificates again.',
  commands: [
    sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} -l gateway.envoyproxy.io/owning-gateway-name=${metadata.name}`,
  ],
  disturbs: 'Connections through this Envoy break and are made anew.',
});

const production = 'https://acme-v02.api.letsencrypt.org/directory';

/** What to change in Git, where the Certificate tells which issuer it is. */
function toProduction(writer: Certificate | undefined): Pick<Remedy, 'change'> {
  if (writer === undefined || !isOfCertManager(writer)) return {};
  const { kind, name } = writer.spec.issuerRef;
  const object =
    kind === 'ClusterIssuer' ? refTo('ClusterIssuer', { name }) : refTo('Issuer', { ...writer.metadata, name });
  return { change: { object, path: 'spec.acme.server', to: production } };
}

const findings = {
  notTakenOver: finding<Behind>({
    headline: 'Envoy still serves {hostname} its old certificate',
    means: 'cert-manager has renewed the certificate, and Envoy goes on serving the one from before.',
    outcome: ({ served, now }) => (isOver(served, now) ? 'failed' : 'warned'),
    message: ({ hostname, served, held, now }) =>
      `Envoy serves ${hostname} a certificate that ${isOver(served, now) ? 'ended' : 'ends'} on ${date(served.notAfter)}, while Certificate ${nameOf(held)} holds one until ${date(held.status?.notAfter ?? '')}: it did not take the new one over.`,
    evidence: (subject) => {
      const [ours, theirs] = [subject.served.notAfter, subject.held.status?.notAfter];
      return [
        { object: refOf(subject.gateway), path: pathOf(subject, 'notAfter'), observed: ours, expected: theirs },
        { object: refOf(subject.held), path: 'status.notAfter', observed: theirs, expected: ours },
      ];
    },
    remedies: ({ gateway }) => [
      { ...restart, title: 'Restart Envoy Gateway: it hands Envoy the certificates anew.' },
      restartEnvoy(gateway),
    ],
  }),
  expired: finding<Served>({
    headline: 'The certificate that Envoy serves for {hostname} has ended',
    means: 'The certificate is past its end, and no Certificate holds a newer one: browsers refuse it.',
    message: ({ hostname, served }) =>
      `The certificate that Envoy serves for ${hostname} ended on ${date(served.notAfter)}: browsers refuse it.`,
    evidence: (subject) => [
      {
        object: refOf(subject.writer ?? subject.gateway),
        path: pathOf(subject, 'notAfter'),
        observed: subject.served.notAfter,
        expected: `later than ${subject.now.toISOString()}`,
      },
    ],
    remedies: ({ gateway }) => [
      {
        title: 'Read the Certificate’s conditions and events: they say why it was not renewed.',
        commands: [sh`kubectl describe certificate -n ${gateway.metadata.namespace ?? 'default'}`],
        disturbs: 'Nothing: reading only.',
      },
    ],
  }),
  notYetValid: finding<Served>({
    headline: 'The certificate for {hostname} has not begun',
    means: 'By this machine’s clock the certificate is of the future: somebody’s clock is wrong.',
    message: ({ hostname, served }) =>
      `The certificate that Envoy serves for ${hostname} begins only on ${date(served.notBefore)}: browsers refuse it.`,
    evidence: (subject) => [
      {
        object: refOf(subject.writer ?? subject.gateway),
        path: pathOf(subject, 'notBefore'),
        observed: subject.served.notBefore,
        expected: `earlier than ${subject.now.toISOString()}`,
      },
    ],
    remedies: ({ gateway }) => [
      {
        title: 'Compare the clocks of this machine and of whoever issued it.',
        commands: [sh`kubectl describe certificate -n ${gateway.metadata.namespace ?? 'default'}`, sh`date -u`],
        disturbs: 'Nothing: reading only.',
      },
    ],
  }),
  staging: finding<Served>({
    headline: 'Envoy serves {hostname} a certificate of a staging CA',
    means: 'Let’s Encrypt’s staging environment is there to try things out. No browser trusts what it issues.',
    message: ({ hostname, served }) =>
      `Envoy serves ${hostname} a certificate of Let’s Encrypt’s staging environment (${served.issuer}), which no browser trusts.`,
    evidence: (subject) => [
      {
        object: refOf(subject.writer ?? subject.gateway),
        path: pathOf(subject, 'issuer'),
        observed: subject.served.issuer,
        expected: 'an issuer that browsers trust',
      },
    ],
    remedies: ({ writer }) => [
      {
        ...toProduction(writer),
        title: `Point the issuer at ${production} and delete the Secret, so that the Certificate is issued anew.`,
        commands: [sh`kubectl get clusterissuer -o jsonpath='{.items[*].spec.acme.server}'`],
        disturbs: 'TLS for every name of the listener, until the new certificate is there.',
      },
    ],
  }),
};

export const servesValidCertificate = defineCheck({
  id: 'envoy/serves-a-valid-certificate',
  title: 'The certificate that Envoy serves is the present one',
  why: 'The cluster can hold a new certificate while Envoy goes on serving the old one, until browsers refuse it.',
  needs: [httproute.routesHostname, certificate.ready, completesHandshake],
  reads: { ...requestReads, certificates: optional(certificates), handshake, proof },
  commands: [showCertificate],
  findings,
  judge(values, { inputs, now, find }) {
    const request = requestOf(values, inputs);
    if (request === undefined) return skip(noRequest(inputs));
    const [shaken] = values.handshake;
    if (shaken === undefined) return skip('There is no address and HTTPS listener to ask for a certificate.');
    if (!shaken.fact.ok) return unknown(shaken.fact.problem.message, shaken.fact.problem);
    const served = shaken.fact.value;
    if (served.outcome !== 'completed')
      return skip('No handshake with Envoy was completed, so no certificate was seen.');
    const judged = judgeServed({ request, served, writers: writersFor(request, values), now }, find);
    return seenFromTailnet(values.proof, values, judged);
  },
});

/** The Certificates that fill the Secrets of the listener that takes the request. */
const writersFor = (
  { gateway, port }: Request,
  values: RequestValues & { certificates: readonly Certificate[] },
): readonly Certificate[] =>
  listenerSecrets(values)
    .filter((secret) => secret.gateway === gateway && secret.listener.port === port)
    .flatMap(({ writers }) => writers);

function judgeServed(
  {
    request: { hostname, gateway },
    served,
    writers,
    now,
  }: { request: Request; served: Completed; writers: readonly Certificate[]; now: Date },
  find: Find<typeof findings>,
): Judgement {
  const held = nearest(writers, served);
  const subject = { hostname, gateway, served, now, writer: held ?? writers[0] };
  if (held !== undefined && isBehind(served, held, now)) return find.notTakenOver({ ...subject, held });
  if (isOver(served, now)) return find.expired(subject);
  if (Date.parse(served.notBefore) > now.getTime()) return find.notYetValid(subject);
  if (isStaging(served)) return find.staging(subject);
  return pass(
    `Envoy serves ${hostname} a certificate by ${served.issuer}, valid until ${date(served.notAfter)}, seen from this machine.`,
  );
}

/** Of several Certificates the one that Envoy is likeliest to serve is the one that it is nearest to. */
function nearest(writers: readonly Certificate[], { notAfter }: Completed): Certificate | undefined {
  const distance = ({ status }: Certificate): number =>
    Math.abs(Date.parse(status?.notAfter ?? '') - Date.parse(notAfter));
  return writers
    .filter(({ status }) => status?.notAfter !== undefined)
    .toSorted((one, other) => distance(one) - distance(other))[0];
}

/** Whether the Certificate holds a later one. Envoy gets that within seconds; while the old one is good, somebody may look in between. */
function isBehind(served: Completed, { status }: Certificate, now: Date): boolean {
  if (!(Date.parse(status?.notAfter ?? '') - Date.parse(served.notAfter) > minute)) return false;
  const age = now.getTime() - Date.parse(status?.notBefore ?? '');
  return isOver(served, now) || !(age < hour);
}

/** Let's Encrypt marks what its staging environment issues; no browser trusts it. */
const isStaging = ({ issuer }: Completed): boolean => /\(STAGING\)|Fake LE /.test(issuer);
