import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as appPod from '../components/app-pod/app-pod.ts';
import { letsEnvoyIn } from '../components/app-pod/policies.ts';
import * as appService from '../components/app-service/app-service.ts';
import * as httproute from '../components/httproute/httproute.ts';
import * as attachment from '../components/httproute/attachment.ts';
import * as backends from '../components/httproute/backends.ts';
import * as claims from '../components/httproute/claims.ts';
import * as redirects from '../components/httproute/redirects.ts';
import * as ports from '../components/httproute/ports.ts';
import * as grants from '../components/httproute/grants.ts';
import * as admission from '../components/httproute/admission.ts';
import * as status from '../components/httproute/status.ts';
import { hostnameInput } from '../models/request.ts';

export const routeNotReachable = defineRunbook({
  id: 'route-not-reachable',
  title: 'Route not reachable',
  summary:
    'Follows a hostname from its HTTPRoute to the app’s pods, and names what keeps requests from arriving: the route, the listener, the Service or the app.',
  inputs: [{ ...hostnameInput, absent: 'Every route on the Gateway is looked at.' }],
  checks: [
    httproute.routesHostname,
    attachment.namesGateway,
    attachment.namesListener,
    admission.isAllowed,
    httproute.hostnamesAreServed,
    redirects.redirectsElsewhere,
    claims.isAlone,
    backends.backendsExist,
    ports.portsExist,
    grants.grantsExist,
    status.isReconciled,
    status.isAccepted,
    status.refsResolve,
    appService.selectsPods,
    appService.targetPortsExist,
    appPod.ready,
    letsEnvoyIn,
    appService.hasEndpoints,
  ],
});
