import { defineRunbook } from '../../src/runbook/runbook.ts';
import { willSeePublicDns } from '../components/cert-manager/ahead.ts';
import { reachesOut } from '../components/cert-manager/policies.ts';
import * as certificate from '../components/certificate/certificate.ts';
import { coversRoutes } from '../components/certificate/names.ts';
import { mayBeReferenced } from '../components/certificate/reference.ts';

export const certificateNotReady = defineRunbook({
  id: 'certificate-not-ready',
  title: 'Certificate is not ready',
  summary:
    'Follows the certificate behind the listener down to its request, Order and Challenge, and on to the issuer, its token and Let’s Encrypt, and names what keeps it from being issued or renewed.',
  checks: [reachesOut, mayBeReferenced, certificate.ready, coversRoutes, willSeePublicDns],
});
