/** The token with which an issuer proves the domain by DNS-01: where it is looked up, and who puts it there. */
import { defineCheck, fail, pass, refOf, refTo, skip, warn, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { readyOf, targetOf, writes, type ExternalSecret } from '../../models/external-secrets.ts';
import { issuanceOf, issuanceReads, stateOf, troublesOf, type Trouble } from '../../models/issuance.ts';
import { issuerName, issuerReads, tokenRefs, usedBy, type AnyIssuer, type SecretKeyRef } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { deployments, externalSecrets } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import * as clusterissuer from './clusterissuer.ts';
import { synced } from '../external-secrets/sync.ts';

/** cert-manager's words for a Secret or a key in it that it cannot find. */
const missesToken = ({ reason }: Trouble): boolean =>
  /secret/i.test(reason) && /not found|no data|does not exist|no such|no key|missing/i.test(reason);

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
  judge(values, { now }): Judgement | readonly Judgement[] {
    const used = usedBy(servedCertificates(values), values);
    const wanted = used.flatMap(({ issuer, certificates }) =>
      tokenRefs(issuer).map((ref) => ({ issuer, certificates, ref })),
    );
    if (wanted.length === 0) return skip('No issuer of the Gateway’s Certificates proves a domain with a token.');
    return wanted.map(({ issuer, certificates, ref }): Judgement => {
      const namespace =
        issuer.kind === 'ClusterIssuer'
          ? certManager.clusterResourceNamespace(values.deployments)
          : (issuer.metadata.namespace ?? '');
      const complaint = certificates
        .filter((certificate) => stateOf(certificate, now) !== 'well')
        .flatMap((certificate) => troublesOf(issuanceOf(certificate, values)))
        .find(missesToken);
      const writers = values.externalSecrets.filter((secret) => writes(secret, { namespace, name: ref.name }));
      const [writer] = writers;
      if (writer === undefined) return unwritten(issuer, ref, namespace, complaint, values.externalSecrets);
      if (writers.every((secret) => readyOf(secret)?.status === 'False')) {
        return skip(`ExternalSecret ${namespace}/${writer.metadata.name}, which writes the token, is not synced.`, [
          synced.id,
        ]);
      }
      return (
        missingKey(issuer, ref, namespace, writers, complaint) ??
        pass(
          `ExternalSecret ${namespace}/${writer.metadata.name} writes Secret ${ref.name}, where cert-manager looks for the token of ${issuerName(issuer)}.`,
        )
      );
    });
  },
});

const disturbs = 'Nothing: cert-manager tries the Challenge again by itself.';

/** Nobody writes the Secret: a fault only where cert-manager misses it, for it may have been made by hand. */
function unwritten(
  issuer: AnyIssuer,
  ref: SecretKeyRef,
  namespace: string,
  complaint: Trouble | undefined,
  all: readonly ExternalSecret[],
): Judgement {
  const where = `Secret ${namespace}/${ref.name}`;
  if (complaint === undefined || all.length === 0) {
    return skip(
      `No ExternalSecret writes ${where}, and nothing tells whether it is there: Secrets are never read.`,
      [],
    );
  }
  const isStacks = namespace === stack.certManager.namespace && ref.name === stack.certManager.tokenSecret;
  const beside = all.filter((secret) => secret.metadata.namespace === namespace);
  const elsewhere = all.filter((secret) => {
    const target = targetOf(secret);
    const isAnothers =
      target.namespace === stack.externalDns.namespace && target.name === stack.externalDns.tokenSecret;
    return target.name === ref.name && target.namespace !== namespace && !isAnothers;
  });
  const [stray] = elsewhere;
  const [other] = beside;
  const misses = `${issuerName(issuer)} looks for its token in ${where}, which no ExternalSecret writes`;
  if (stray !== undefined) {
    return fail({
      message: `${misses}; ExternalSecret ${stray.metadata.namespace}/${stray.metadata.name} writes it into the wrong namespace.`,
      evidence: [
        { object: refOf(stray), path: 'metadata.namespace', observed: stray.metadata.namespace, expected: namespace },
        complaint.evidence,
      ],
      remedy: {
        title: `Move it to ${namespace}: cert-manager looks for a ClusterIssuer’s Secrets in its own namespace only.`,
        commands: [sh`kubectl apply -f infrastructure/external-secrets/externalsecret-cert-manager.yaml`],
        disturbs,
      },
    });
  }
  if (other !== undefined) {
    // The stack's own name is taken for the right one; else the issuer is the one that differs.
    const found = targetOf(other).name;
    return fail({
      message: `${misses}; ExternalSecret ${other.metadata.name} beside it writes ${found}.`,
      evidence: [
        isStacks
          ? { object: refOf(other), path: 'spec.target.name', observed: found, expected: ref.name }
          : { object: refOf(issuer), path: `${ref.path}.name`, observed: ref.name, expected: found },
        complaint.evidence,
      ],
      remedy: {
        title: 'Let issuer and ExternalSecret name the same Secret.',
        commands: [
          isStacks
            ? sh`kubectl apply -f infrastructure/external-secrets/externalsecret-cert-manager.yaml`
            : sh`kubectl apply -f infrastructure/cert-manager/clusterissuer.yaml`,
        ],
        disturbs,
      },
    });
  }
  return fail({
    message: `${misses}, and which is not there.`,
    evidence: [
      {
        object: refTo('ExternalSecret', { namespace, name: ref.name }),
        path: 'metadata.name',
        observed: 'not found',
        expected: `an ExternalSecret that writes ${where}`,
      },
      complaint.evidence,
    ],
    remedy: {
      title: 'Create the ExternalSecret again from Git.',
      commands: [sh`kubectl apply -f infrastructure/external-secrets/externalsecret-cert-manager.yaml`],
      disturbs,
    },
  });
}

/** The Secret is written without the key that the issuer asks for: so far as the ExternalSecret alone decides what is in it. */
function missingKey(
  issuer: AnyIssuer,
  ref: SecretKeyRef,
  namespace: string,
  writers: readonly ExternalSecret[],
  complaint: Trouble | undefined,
): Judgement | undefined {
  const isPlain = ({ spec }: KubeObject<'ExternalSecret'>): boolean =>
    (spec.dataFrom ?? []).length === 0 &&
    spec.target?.template === undefined &&
    ['Owner', 'Orphan'].includes(spec.target?.creationPolicy ?? 'Owner');
  const keys = writers.flatMap(({ spec }) => (spec.data ?? []).map(({ secretKey }) => secretKey));
  const [writer] = writers;
  if (writer === undefined || ref.key === undefined || keys.includes(ref.key) || !writers.every(isPlain))
    return undefined;
  const finding = {
    message: `${issuerName(issuer)} asks for key ${ref.key} of Secret ${namespace}/${ref.name}, and ExternalSecret ${writer.metadata.name} writes ${keys.join(', ') || 'none'}.`,
    evidence: [
      { object: refOf(issuer), path: `${ref.path}.key`, observed: ref.key, expected: keys.join(' or ') },
      {
        object: refOf(writer),
        path: 'spec.data[*].secretKey',
        observed: keys,
        expected: `among them ${ref.key}`,
      },
    ],
    remedy: {
      title: 'Let issuer and ExternalSecret name the same key.',
      commands: [
        sh`kubectl apply -f infrastructure/cert-manager/clusterissuer.yaml`,
        sh`kubectl apply -f infrastructure/external-secrets/externalsecret-cert-manager.yaml`,
      ],
      disturbs,
    },
  } as const;
  return complaint === undefined ? warn(finding) : fail(finding);
}
