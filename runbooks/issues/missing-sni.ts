import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as certificate from '../components/certificate/certificate.ts';
import * as client from '../components/client/client.ts';
import * as envoy from '../components/envoy/handshake.ts';
import * as gateway from '../components/gateway/gateway.ts';
import * as httproute from '../components/httproute/httproute.ts';

export const missingSni = defineRunbook({
  id: 'missing-sni',
  title: 'Missing SNI',
  summary:
    'Finds out why Envoy closes TLS connections: a client that names no host or a foreign one, or a listener or certificate that does not cover the name.',
  checks: [
    client.sendsServerName,
    httproute.hostnamesAreServed,
    certificate.coversRoutes,
    gateway.listenersReady,
    envoy.completesHandshake,
  ],
});
