import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as cilium from '../components/cilium/cilium.ts';
import { answers } from '../components/managed-service/probes.ts';

export const ciliumSocketLb = defineRunbook({
  id: 'cilium-socket-lb',
  title: 'Cilium socket LB interference',
  summary:
    'Finds out whether Cilium loses the packets that the Tailscale proxy forwards, and tells it apart from a proxy that is not there.',
  checks: [cilium.replacementIsKnown, cilium.hostNamespaceOnly, cilium.agentsRestarted, cilium.noKubeProxy, answers],
});
