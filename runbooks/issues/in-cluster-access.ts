import { defineRunbook } from '../../src/runbook/runbook.ts';
import { answersApex, restoresNames } from '../components/coredns/answers.ts';
import * as coredns from '../components/coredns/coredns.ts';
import { leadsInside } from '../components/coredns/leads-inside.ts';
import { hasEndpoints } from '../components/internal-service/endpoints.ts';
import * as internalService from '../components/internal-service/internal-service.ts';
import { portReachesEnvoy } from '../components/internal-service/ports.ts';

export const inClusterAccess = defineRunbook({
  id: 'in-cluster-access',
  title: 'Pods cannot reach the hostnames',
  summary:
    'Tries CoreDNS’s rules on every routed hostname, and follows the Service that they lead to down to Envoy’s port.',
  checks: [
    coredns.loadsCorefile,
    coredns.rulesCanMatch,
    coredns.ready,
    internalService.exists,
    leadsInside,
    restoresNames,
    answersApex,
    internalService.selectsEnvoy,
    portReachesEnvoy,
    hasEndpoints,
  ],
});
