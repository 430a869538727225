import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as gateway from '../components/gateway/gateway.ts';
import * as tailscaleProxy from '../components/tailscale-proxy/tailscale-proxy.ts';
import { deviceName } from '../components/tailscale-proxy/name.ts';

export const gatewayNotProgrammed = defineRunbook({
  id: 'gateway-not-programmed',
  title: 'Gateway shows not programmed',
  summary:
    'Follows the Gateway down to its class, its Service, the Tailscale proxy and Envoy, and names what keeps it from being programmed.',
  checks: [gateway.programmed, tailscaleProxy.forwardsToService, deviceName],
});
