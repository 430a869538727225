import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as client from '../components/client/probes.ts';
import * as cloudflareDns from '../components/cloudflare-dns/probes.ts';
import { answersRequest } from '../components/envoy/answer.ts';
import { completesHandshake } from '../components/envoy/handshake.ts';
import { servesValidCertificate } from '../components/envoy/served.ts';
import * as httproute from '../components/httproute/httproute.ts';
import { answers } from '../components/managed-service/probes.ts';
import * as resolver from '../components/tailnet-resolver/probes.ts';
import { hostnameInput } from '../models/request.ts';

export const requestPath = defineRunbook({
  id: 'request-path',
  title: 'A hostname does not open',
  summary:
    'Walks the way of one request, from the name to the app’s answer, and names the hop where it goes wrong: DNS on both sides, the tailnet address, TLS, the route, the Service, the pod.',
  inputs: [hostnameInput],
  checks: [
    httproute.routesHostname,
    resolver.answersWithGateway,
    client.asksTailnetResolver,
    cloudflareDns.publicRecord,
    answers,
    completesHandshake,
    servesValidCertificate,
    answersRequest,
  ],
});
