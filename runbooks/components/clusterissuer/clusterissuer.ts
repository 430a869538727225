/** ClusterIssuer: the account at Let's Encrypt, and how it proves the domain. [cert-manager 1.12 to 1.19] */
import { defineCheck, fail, pass, refOf, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText, inItsWords } from '../../models/conditions.ts';
import { issuanceOf, issuanceReads, stateOf, troublesOf } from '../../models/issuance.ts';
import { issuerName, issuerOf, issuerReads, issuersOf, isOfCertManager, usedBy } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { mergePatch } from '../../models/patches.ts';
import { stack } from '../../stack.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { accepts, refusalIn } from '../lets-encrypt/lets-encrypt.ts';

type Certificate = KubeObject<'Certificate'>;

const none = 'No Certificate of cert-manager fills a Secret of the Gateway’s listeners.';
const certificateName = ({ metadata }: Certificate): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const reads = { ...listenerReads, ...issuerReads };

export const exists = defineCheck({
  id: 'clusterissuer/exists',
  title: 'The issuer that the Certificate names exists',
  why: 'A request to an issuer that does not exist waits for ever; a reference without kind means an Issuer, not a ClusterIssuer.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [
    sh`kubectl get clusterissuer,issuer -A`,
    sh`kubectl get certificate ${place(stack.certificate)} -o jsonpath='{.spec.issuerRef}'`,
  ],
  judge(values): Judgement | readonly Judgement[] {
    const certificates = servedCertificates(values);
    if (certificates.length === 0) return skip(none);
    return certificates.map((certificate): Judgement => {
      const ref = certificate.spec.issuerRef;
      if (!isOfCertManager(certificate)) {
        return skip(`Certificate ${certificateName(certificate)} names an issuer of another controller.`, []);
      }
      const kind = ref.kind ?? 'Issuer';
      const issuer = issuerOf(certificate, values);
      if (issuer !== undefined)
        return pass(`Certificate ${certificateName(certificate)} names ${issuerName(issuer)}, which exists.`);
      const others = issuersOf(certificate, values);
      const namesake = others.find(({ metadata }) => metadata.name === ref.name);
      const there = others.length === 0 ? '' : ` (there is ${others.map(issuerName).join(', ')})`;
      const isStacks = kind === 'ClusterIssuer' && ref.name === stack.clusterIssuer.name;
      const isReference = namesake !== undefined || (others.length > 0 && !isStacks);
      const meant = namesake ?? others.find(({ metadata }) => metadata.name === stack.clusterIssuer.name) ?? others[0];
      return fail({
        message: `Certificate ${certificateName(certificate)} names ${kind} ${ref.name}, which does not exist${there}.`,
        evidence: isReference
          ? [
              {
                object: refOf(certificate),
                path: namesake === undefined ? 'spec.issuerRef.name' : 'spec.issuerRef.kind',
                observed: namesake === undefined ? ref.name : (ref.kind ?? 'left out, which means Issuer'),
                expected: namesake === undefined ? meant?.metadata.name : namesake.kind,
              },
            ]
          : [
              {
                object:
                  kind === 'ClusterIssuer'
                    ? refTo('ClusterIssuer', { name: ref.name })
                    : refTo('Issuer', { namespace: certificate.metadata.namespace ?? '', name: ref.name }),
                path: 'metadata.name',
                observed: 'not found',
                expected: 'exists',
              },
              {
                object: refOf(certificate),
                path: 'spec.issuerRef.name',
                observed: ref.name,
                expected: 'an issuer that exists',
              },
            ],
        remedy:
          isReference && meant !== undefined
            ? {
                title: `Let the Certificate name ${issuerName(meant)}.`,
                commands: [
                  mergePatch('certificate', certificate.metadata, {
                    spec: { issuerRef: { group: 'cert-manager.io', kind: meant.kind, name: meant.metadata.name } },
                  }),
                ],
                disturbs: 'Nothing: the old certificate is served until the new one is there.',
              }
            : {
                title: 'Create the issuer again from Git.',
                commands: [sh`kubectl apply -f infrastructure/cert-manager/clusterissuer.yaml`],
                disturbs: 'Nothing: it registers with its account key as before.',
              },
      });
    });
  },
});

export const ready = defineCheck({
  id: 'clusterissuer/ready',
  title: 'The issuer has its account and is ready',
  why: 'Without an account at Let’s Encrypt nothing is issued; certificates that are there run out.',
  needs: [envoyGateway.kindsInstalled, certManager.ready, exists, accepts],
  reads: { ...reads, ...issuanceReads },
  commands: [sh`kubectl get clusterissuer -o wide`, sh`kubectl describe clusterissuer ${stack.clusterIssuer.name}`],
  judge(values, { now }): Judgement | readonly Judgement[] {
    const used = usedBy(servedCertificates(values), values);
    if (used.length === 0) return skip(none);
    return used.map(({ issuer, certificates }): Judgement => {
      const found = condition(issuer.status?.conditions, 'Ready');
      const lost = certificates
        .filter((certificate) => stateOf(certificate, now) !== 'well')
        .flatMap((certificate) => troublesOf(issuanceOf(certificate, values)))
        .find(({ reason }) => reason.includes('acme:error:accountDoesNotExist'));
      const account = issuer.spec.acme?.privateKeySecretRef.name;
      const namespace = issuer.kind === 'Issuer' ? issuer.metadata.namespace : stack.certManager.namespace;
      const where = sh`${issuer.kind.toLowerCase()} ${place(issuer.metadata)}`;
      const disturbs = 'Nothing: a new account is registered at once, and certificates that are there stay valid.';
      const register = {
        title:
          'Let it register a new account: remove the account’s key, and cert-manager makes another when it restarts.',
        commands: [
          sh`kubectl delete secret ${place({ namespace, name: account ?? '' })}`,
          sh`kubectl rollout restart deployment -n ${stack.certManager.namespace} ${stack.certManager.deployment}`,
        ],
        disturbs,
      };
      if (lost !== undefined) {
        return fail({
          message: `The ACME account of ${issuerName(issuer)} does not exist any more: ${lost.says.replace(/ (?:waits|is \w+)$/, '')} was refused for it.`,
          evidence: [
            {
              object: refOf(issuer),
              path: 'status.acme.uri',
              observed: issuer.status?.acme?.uri ?? 'an account that the server does not know',
              expected: 'an account that the server knows',
            },
            lost.evidence,
          ],
          remedy: register,
        });
      }
      if (found?.status === 'True')
        return pass(`${issuerName(issuer)} is ready: ${found.reason ?? 'no reason given'}.`);
      const isUnseen = found === undefined;
      if (isUnseen && certificates.every((certificate) => stateOf(certificate, now) === 'well')) {
        return skip(`cert-manager has said nothing of ${issuerName(issuer)} yet.`);
      }
      return fail({
        message: isUnseen
          ? `No controller has ever looked at ${issuerName(issuer)}.`
          : `${issuerName(issuer)} is not ready: ${found.reason ?? 'no reason given'}.${inItsWords(found)}`,
        evidence: [
          {
            object: refOf(issuer),
            path: conditionPath('Ready'),
            observed: conditionText(found),
            expected: 'True (ACMEAccountRegistered)',
          },
        ],
        commands: [sh`kubectl describe ${where}`],
        remedy: /acme:error:(?:accountDoesNotExist|unauthorized)|account.*(?:deactivated|does not exist)/i.test(
          found?.message ?? '',
        )
          ? register
          : {
              title:
                'Correct what the message names: the server’s URL, the e-mail address, or cert-manager’s way out to the internet.',
              commands: [
                sh`kubectl describe ${where}`,
                sh`kubectl logs -n ${stack.certManager.namespace} deployment/${stack.certManager.deployment} --tail=200`,
              ],
              disturbs: 'Nothing: reading only.',
            },
        explainedBy: [
          envoyGateway.kindsInstalled.id,
          certManager.ready.id,
          ...(refusalIn(found?.message ?? '') === undefined ? [] : [accepts.id]),
        ],
      });
    });
  },
});
