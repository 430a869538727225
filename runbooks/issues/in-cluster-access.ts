import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as coredns from '../components/coredns/coredns.ts';
import * as internalService from '../components/internal-service/internal-service.ts';

export const inClusterAccess = defineRunbook({
  id: 'in-cluster-access',
  title: 'Pods cannot reach the hostnames',
  summary:
    'Tries CoreDNS’s rules on every routed hostname, and follows the Service that they lead to down to Envoy’s port.',
  checks: [
    coredns.loadsCorefile,
    coredns.ready,
    internalService.exists,
    coredns.leadsInside,
    coredns.restoresNames,
    coredns.answersApex,
    internalService.selectsEnvoy,
    internalService.portReachesEnvoy,
    internalService.hasEndpoints,
  ],
});
