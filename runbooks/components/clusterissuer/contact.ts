/** ClusterIssuer: whether Let's Encrypt takes the address that it is to be written to. [cert-manager 1.12 to 1.19] */
import { contactRefusal, mailDomain } from '../../../src/formats/mail-domain.ts';
import { defineCheck, refOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone, known, together } from '../../../src/runbook/told.ts';
import { condition } from '../../models/conditions.ts';
import { issuerName, issuerReads, type AnyIssuer } from '../../models/issuers.ts';
import { stack } from '#stack';
import * as certManager from '../cert-manager/cert-manager.ts';

interface Refused {
  issuer: AnyIssuer;
  domain: string;
  /** In the authority's words. */
  why: string;
}

export const contactIsTaken = defineCheck({
  id: 'clusterissuer/contact-is-taken',
  title: 'Let’s Encrypt takes the issuer’s mail address',
  why: 'An account with a contact that Let’s Encrypt refuses is never registered, and nothing is issued for it.',
  needs: [certManager.kindsInstalled],
  reads: issuerReads,
  commands: [sh`kubectl get clusterissuer ${stack.clusterIssuer.name} -o jsonpath='{.spec.acme.email}'`],
  findings: {
    refused: finding<Refused>({
      headline: 'Let’s Encrypt takes no contact at {domain}',
      means:
        'The domain of the issuer’s mail address is one of examples, or one that cannot exist. Let’s Encrypt refuses an account with such a contact.',
      message: ({ issuer, domain, why }) =>
        `${issuerName(issuer)} gives a mail address at ${domain}, with which Let’s Encrypt registers no account: ${why}.`,
      evidence: ({ issuer, domain }) => [
        { object: refOf(issuer), path: 'spec.acme.email', observed: `…@${domain}`, expected: 'an address of your own' },
      ],
      remedies: ({ issuer }) => [
        {
          title: 'Write an address of your own, or leave the field out: it is for notices only.',
          change: { object: refOf(issuer), path: 'spec.acme.email', to: stack.clusterIssuer.email },
          commands: [sh`kubectl edit ${issuer.kind.toLowerCase()} ${place(issuer.metadata)}`],
          disturbs: 'Nothing: certificates that are there stay valid.',
        },
      ],
    }),
  },
  judge({ clusterIssuers, issuers }, { find }) {
    const judge = (all: readonly AnyIssuer[]) => {
      // One that is registered has been taken, with whatever address it had then.
      const registered = known(all.filter(isRegistered));
      const open = all.filter((issuer) => isOfLetsEncrypt(issuer) && !registered.includes(issuer));
      return eachOf(open, (issuer) => {
        const domain = mailDomain(issuer.spec.acme?.email ?? '');
        const why = domain === '' ? undefined : contactRefusal(domain);
        return why === undefined ? [] : find.refused({ issuer, domain, why });
      });
    };
    return isNone(clusterIssuers) && isNone(issuers)
      ? skip('There is no issuer.')
      : foundOr('Let’s Encrypt takes every issuer’s mail address.', together(judge(clusterIssuers), judge(issuers)));
  },
});

const isRegistered = ({ status }: AnyIssuer): boolean => condition(status?.conditions, 'Ready')?.status === 'True';

/** Other servers have rules of their own. */
const isOfLetsEncrypt = ({ spec }: AnyIssuer): boolean =>
  /^https:\/\/acme(?:-staging)?-v\d+\.api\.letsencrypt\.org\//.test(spec.acme?.server ?? '');
