/** The token with which an issuer proves the domain by DNS-01: where it is looked up, and who puts it there. */
import { relationAt, type Reference } from '../../../src/kinds/references.ts';
import { pathOf } from '../../../src/kinds/violation.ts';
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Judgement,
  type Evidence,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { optional, plain } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { readyOf, targetOf, writes, type ExternalSecret } from '../../models/external-secrets.ts';
import { issuanceOf, issuanceReads, stateOf, troublesOf, troubleQuote, type Trouble } from '../../models/issuance.ts';
import { issuerName, issuerReads, tokenRefs, usedBy } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { setField } from '../../models/patches.ts';
import { leadOf, meantBy, writtenBy, type Among, type Written } from '../../models/references.ts';
import { deployments, externalSecrets } from '../../models/reads.ts';
import { stack } from '#stack';
import { has, ifThere, partNames } from '../../parts.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import { synced } from '../external-secrets/sync.ts';

import * as clusterissuer from './clusterissuer.ts';
import { writeToken } from './remedies.ts';
import { disturbs, otherKey, type Token } from './token-keys.ts';

/** One that cert-manager misses, by its own words. */
interface Missed extends Token {
  complaint: Trouble;
}

/** One for which an ExternalSecret is there that gets it wrong. */
interface Astray extends Missed {
  writer: ExternalSecret;
}

const applyWriter: Shell = sh`kubectl apply -f infrastructure/external-secrets/externalsecret-cert-manager.yaml`;

const misses = ({ issuer, secret }: Token): string =>
  `${issuerName(issuer)} looks for its token in Secret ${nameOf({ metadata: secret })}, which no ExternalSecret writes`;

/** What is alike in tokens that cert-manager misses. */
const aboutMissed = {
  quote: ({ complaint }: Missed) => troubleQuote(complaint),
};

/** What is alike where an ExternalSecret beside the wanted Secret writes another. */
const aboutName = {
  ...aboutMissed,
  message: (subject: Astray) =>
    `${misses(subject)}; ExternalSecret ${subject.writer.metadata.name} beside it writes ${targetOf(subject.writer).name}.`,
};

/** Where ExternalSecrets write the Secrets: that none writes this one. */
const unwritten = {
  headline: 'Nothing writes the DNS-01 token {secret}',
  means: 'cert-manager misses the Secret with the token that proves the domain, and no ExternalSecret writes it.',
  message: (subject: Missed) => `${misses(subject)}, and which is not there.`,
  evidence: ({ secret, complaint }: Missed): readonly [Evidence, Evidence] => [
    {
      object: refTo('ExternalSecret', secret),
      path: 'metadata.name',
      observed: 'not found',
      expected: `an ExternalSecret that writes Secret ${nameOf({ metadata: secret })}`,
    },
    complaint.evidence,
  ],
  remedies: (): readonly [Remedy] => [
    { title: 'Create the ExternalSecret again from Git.', commands: [applyWriter], disturbs },
  ],
};

/** Where somebody makes them by hand: that it is not there, or without the key. */
const unmade = {
  headline: 'The DNS-01 token {secret} is not there',
  means: 'cert-manager misses the Secret with the token that proves the domain, or the key in it.',
  message: ({ issuer, ref, secret }: Missed) =>
    `${issuerName(issuer)} looks for its token in Secret ${nameOf({ metadata: secret })}, key ${ref.key ?? 'api-token'}, and cert-manager does not find it.`,
  evidence: ({ secret, complaint }: Missed): readonly [Evidence, Evidence] => [
    {
      object: { apiVersion: 'v1', kind: 'Secret', ...secret },
      path: 'metadata.name',
      observed: 'not found',
      expected: 'exists',
    },
    complaint.evidence,
  ],
  // Not as YAML, which would show the token.
  commands: ({ secret }: Missed) => [sh`kubectl get secret -n ${secret.namespace} ${secret.name}`],
  remedies: ({ ref, secret }: Missed): readonly [Remedy] => [
    {
      title: 'Make the Secret; the command reads the token from standard input.',
      commands: [writeToken(secret, ref.key)],
      disturbs,
    },
  ],
};

const findings = {
  otherNamespace: finding<Astray>({
    headline: 'ExternalSecret {writer} is in the wrong namespace',
    means:
      'It writes the DNS-01 token where cert-manager does not look: a ClusterIssuer’s Secrets are cert-manager’s own.',
    ...aboutMissed,
    message: (subject) =>
      `${misses(subject)}; ExternalSecret ${nameOf(subject.writer)} writes it into the wrong namespace.`,
    evidence: ({ writer, secret, complaint }) => [
      {
        object: refOf(writer),
        path: 'metadata.namespace',
        observed: writer.metadata.namespace,
        expected: secret.namespace,
      },
      complaint.evidence,
    ],
    remedies: ({ writer, secret }) => [
      {
        title: `Move it to ${secret.namespace}: cert-manager looks for a ClusterIssuer’s Secrets in its own namespace only.`,
        change: { object: refOf(writer), path: 'metadata.namespace', to: secret.namespace },
        commands: [applyWriter],
        disturbs,
      },
    ],
  }),
  otherSecret: finding<Astray>({
    headline: 'ExternalSecret {writer} writes another Secret',
    means: 'It writes the DNS-01 token into a Secret of another name than the one that the issuer names.',
    ...aboutName,
    evidence: ({ writer, secret, complaint }) => [
      { object: refOf(writer), path: 'spec.target.name', observed: targetOf(writer).name, expected: secret.name },
      complaint.evidence,
    ],
    remedies: ({ writer, secret }) => [
      {
        title: `Let the ExternalSecret write Secret ${secret.name}.`,
        ...(writer.spec.target === undefined
          ? setField(writer, 'spec.target', { name: secret.name })
          : setField(writer, 'spec.target.name', secret.name)),
        disturbs,
      },
    ],
  }),
  misnamed: finding<Astray>({
    headline: 'Issuer {issuer} misnames the Secret of its token',
    means: 'The issuer names a Secret that nothing writes, while the DNS-01 token is written into another beside it.',
    ...aboutName,
    evidence: ({ issuer, ref, writer, complaint }) => [
      { object: refOf(issuer), path: pathOf(ref.path), observed: ref.name, expected: targetOf(writer).name },
      complaint.evidence,
    ],
    remedies: ({ issuer, ref, writer }) => [
      {
        title: `Let the issuer name Secret ${targetOf(writer).name}.`,
        ...setField(issuer, pathOf(ref.path), targetOf(writer).name),
        disturbs,
      },
    ],
  }),
  missing: finding<Missed>({
    ...aboutMissed,
    ...(has('externalSecrets') ? unwritten : unmade),
  }),
  otherKey,
};

export const tokenIsThere = defineCheck({
  id: 'clusterissuer/finds-its-token',
  title: 'The issuer’s DNS-01 token is where cert-manager looks for it',
  why: 'A ClusterIssuer’s Secrets are looked up in cert-manager’s own namespace; Ready says nothing about them.',
  needs: [clusterissuer.exists, synced],
  reads: {
    ...listenerReads,
    ...issuerReads,
    ...issuanceReads,
    externalSecrets: optional(externalSecrets),
    deployments: plain(deployments),
  },
  commands: [
    sh`kubectl get clusterissuer ${stack.clusterIssuer.name} -o jsonpath='{.spec.acme.solvers}'`,
    sh`kubectl get externalsecret -n ${stack.certManager.namespace}`,
  ],
  findings,
  judge(values, { find, now }) {
    const wanted = usedBy(servedCertificates(values), values).flatMap(({ issuer, certificates }) => {
      const complaint = certificates
        .filter((certificate) => stateOf(certificate, now) !== 'well')
        .flatMap((certificate) => troublesOf(issuanceOf(certificate, values)))
        .find(missesToken);
      const home = certManager.clusterResourceNamespace(values.deployments);
      return tokenRefs(issuer, home).map((ref) => ({ issuer, ref, secret: ref, complaint }));
    });
    if (isNone(wanted)) return skip('No issuer of the Gateway’s Certificates proves a domain with a token.');
    return eachOf(wanted, (token) => {
      const [writer, ...others] = values.externalSecrets.filter((secret) => writes(secret, token.secret));
      return writer === undefined
        ? judgeUnwritten(token, values.externalSecrets, find)
        : judgeWritten(token, [writer, ...others], find);
    });
  },
});

/** cert-manager's words for a Secret or a key in it that it cannot find. */
const missesToken = ({ reason }: Trouble): boolean =>
  /secret/i.test(reason) && /not found|no data|does not exist|no such|no key|missing/i.test(reason);

/** Nobody writes the Secret: a fault only where cert-manager misses it, for it may have been made by hand. */
function judgeUnwritten(
  { complaint, ...token }: Token & { complaint: Trouble | undefined },
  all: readonly ExternalSecret[],
  find: Find<typeof findings>,
): Judgement {
  const { namespace, name } = token.secret;
  if (complaint !== undefined && !has('externalSecrets')) return find.missing({ ...token, complaint });
  if (complaint === undefined || all.length === 0) {
    const untold = ifThere('externalSecrets', 'No ExternalSecret writes it, and n', 'N');
    return skip(`${untold}othing tells whether Secret ${namespace}/${name} is there: Secrets are never read.`, []);
  }
  const missed = { ...token, complaint };
  const lead = leadOf(token.ref, amongWritten(token.ref, all));
  const meant = meantBy(lead);
  if (meant === undefined) return find.missing(missed);
  const { writer } = meant;
  if (lead.to === 'otherNamespace') return find.otherNamespace({ ...missed, writer });
  // The stack's own name is taken for the right one; else the issuer is the one that differs.
  const isStacks = namespace === stack.certManager.namespace && name === stack.certManager.tokenSecret;
  return isStacks ? find.otherSecret({ ...missed, writer }) : find.misnamed({ ...missed, writer });
}

/** What the issuer may mean: a Secret of the name that is written elsewhere, else one that is written where cert-manager looks. */
function amongWritten({ namespace }: Reference, all: readonly ExternalSecret[]): Among<Written<ExternalSecret>> {
  const there = writtenBy(all, relationAt('ExternalSecret', 'spec.target'));
  const near = there.filter(({ metadata }) => metadata.namespace === namespace);
  const namesakes = there.filter(({ writer }) => !isForExternalDns(writer));
  return { takes: ['Secret'], there, namesakes, near, spare: near.slice(0, 1) };
}

/** ExternalDNS has a token of its own, which may be called the same. */
const isForExternalDns = (secret: ExternalSecret): boolean =>
  writes(secret, { namespace: partNames.externalDns.namespace, name: partNames.externalDns.tokenSecret });

/** Somebody writes the Secret: perhaps without the key that the issuer asks for. */
function judgeWritten(
  token: Token & { complaint: Trouble | undefined },
  writers: readonly [ExternalSecret, ...ExternalSecret[]],
  find: Find<typeof findings>,
): Judgement {
  const [writer] = writers;
  if (writers.every((secret) => readyOf(secret)?.status === 'False'))
    return skip(`ExternalSecret ${nameOf(writer)}, which writes the token, is not synced.`, [synced.id]);
  const { ref, issuer } = token;
  const keys = writers.flatMap(({ spec }) => (spec.data ?? []).map(({ secretKey }) => secretKey));
  if (ref.key !== undefined && !keys.includes(ref.key) && writers.every(isPlain))
    return find.otherKey({ ...token, writer, keys });
  return pass(
    `ExternalSecret ${nameOf(writer)} writes Secret ${ref.name}, where cert-manager looks for the token of ${issuerName(issuer)}.`,
  );
}

/** Whether an ExternalSecret alone decides what is in its Secret, and says so key by key. */
const isPlain = ({ spec }: ExternalSecret): boolean =>
  (spec.dataFrom ?? []).length === 0 &&
  spec.target?.template === undefined &&
  ['Owner', 'Orphan'].includes(spec.target?.creationPolicy ?? 'Owner');
