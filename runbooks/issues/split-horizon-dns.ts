import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as cloudflareDns from '../components/cloudflare-dns/probes.ts';
import * as externalDns from '../components/external-dns/external-dns.ts';
import * as tailnetResolver from '../components/tailnet-resolver/tailnet-resolver.ts';
import * as probes from '../components/tailnet-resolver/probes.ts';
import { hostnameInput } from '../models/request.ts';

export const splitHorizonDns = defineRunbook({
  id: 'split-horizon-dns',
  title: 'Split-horizon DNS gives the wrong answer',
  summary:
    'Compares what the tailnet resolver answers with the Gateway’s address, follows how that address is kept current, and looks for leaks.',
  inputs: [hostnameInput],
  checks: [
    externalDns.leavesSplitHorizonAlone,
    tailnetResolver.loadsCorefile,
    tailnetResolver.rulesCanMatch,
    tailnetResolver.ready,
    tailnetResolver.isExposed,
    tailnetResolver.proxyForwards,
    tailnetResolver.hasEndpoints,
    tailnetResolver.updaterIsScheduled,
    tailnetResolver.updaterSucceeds,
    tailnetResolver.holdsAddress,
    tailnetResolver.keepsEveryType,
    tailnetResolver.reloads,
    probes.answersWithGateway,
    cloudflareDns.publicRecord,
  ],
});
