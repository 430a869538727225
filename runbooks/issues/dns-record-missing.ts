import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as cloudflareDns from '../components/cloudflare-dns/probes.ts';
import * as externalDns from '../components/external-dns/external-dns.ts';
import { reachesOut } from '../components/external-dns/policies.ts';
import { hostnameInput } from '../models/request.ts';

export const dnsRecordMissing = defineRunbook({
  id: 'dns-record-missing',
  title: 'DNS record missing or wrong',
  summary:
    'Works out, as ExternalDNS does, which record each route would get, and names the argument, annotation or route that keeps it from one.',
  inputs: [hostnameInput],
  checks: [
    externalDns.ready,
    reachesOut,
    externalDns.annotationPrefix,
    externalDns.watchesRoutes,
    externalDns.routesYieldRecords,
    externalDns.targetIsTheDevice,
    cloudflareDns.publicRecord,
  ],
});
