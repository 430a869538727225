/** Envoy: which certificate it really serves for a hostname, and what comes back for a request. */
import { defineCheck, fail, pass, refOf, skip, unknown, warn, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import {
  follow,
  optional,
  type HttpRead,
  type HttpResult,
  type Inputs,
  type TlsRead,
  type TlsResult,
  hostPort,
} from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { backendsOf } from '../../models/backends.ts';
import { listenerSecrets } from '../../models/listener-secrets.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { certificates } from '../../models/reads.ts';
import { noRequest, requestOf, requestReads, type Request, type RequestValues } from '../../models/request.ts';
import type { Rule } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import * as appPod from '../app-pod/app-pod.ts';
import * as appService from '../app-service/app-service.ts';
import * as certificate from '../certificate/certificate.ts';
import { completesHandshake } from './handshake.ts';
import * as httproute from '../httproute/httproute.ts';
import * as attachment from '../httproute/attachment.ts';
import * as backends from '../httproute/backends.ts';
import * as claims from '../httproute/claims.ts';
import * as redirects from '../httproute/redirects.ts';
import * as ports from '../httproute/ports.ts';
import * as grants from '../httproute/grants.ts';
import * as admission from '../httproute/admission.ts';
import * as status from '../httproute/status.ts';
import { answers } from '../managed-service/probes.ts';

const device = `${stack.device.name}.${stack.tailnet}`;
const day = 86_400_000;

/** Where the request of a run enters; nothing when it cannot. */
function entranceOf(
  values: RequestValues,
  inputs: Inputs,
): { host: string; port: number; servername: string } | undefined {
  const request = requestOf(values, inputs);
  const host = request?.addresses[0] ?? request?.devices[0];
  return request?.port === undefined || host === undefined
    ? undefined
    : { host, port: request.port, servername: request.hostname };
}

const showCertificate = sh`openssl s_client -connect ${device}:443 -servername ${stack.app.hostname} </dev/null | openssl x509 -noout -subject -issuer -dates`;

const handshake = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly TlsRead[] => {
    const entrance = entranceOf(values, inputs);
    return entrance === undefined
      ? []
      : [{ type: 'tls', ...entrance, why: 'which certificate Envoy serves for the hostname' }];
  },
  { why: 'which certificate Envoy serves for the hostname', command: showCertificate, probes: true },
);

export const servesValidCertificate = defineCheck({
  id: 'envoy/serves-a-valid-certificate',
  title: 'The certificate that Envoy serves is the present one',
  why: 'The cluster can hold a new certificate while Envoy goes on serving the old one, until browsers refuse it.',
  needs: [httproute.routesHostname, certificate.ready, completesHandshake],
  reads: { ...requestReads, certificates: optional(certificates), handshake, proof },
  commands: [showCertificate],
  judge(values, { inputs, now }) {
    const request = requestOf(values, inputs);
    if (request === undefined) return skip(noRequest(inputs));
    const [shaken] = values.handshake;
    if (shaken === undefined) return skip('There is no address and HTTPS listener to ask for a certificate.');
    if (!shaken.fact.ok) return unknown(shaken.fact.problem.message, shaken.fact.problem);
    const served = shaken.fact.value;
    if (served.outcome !== 'completed')
      return skip('No handshake with Envoy was completed, so no certificate was seen.');
    const writers = listenerSecrets(values)
      .filter(({ gateway, listener }) => gateway === request.gateway && listener.port === request.port)
      .flatMap((secret) => secret.writers);
    return seenFromTailnet(values.proof, values, judgeServed(request, served, writers, now));
  },
});

type Completed = Extract<TlsResult, { outcome: 'completed' }>;

function judgeServed(
  { hostname, gateway }: Request,
  served: Completed,
  writers: readonly KubeObject<'Certificate'>[],
  now: Date,
): Judgement {
  const path = `certificate served for ${hostname}, seen from this machine`;
  const [from, to] = [Date.parse(served.notBefore), Date.parse(served.notAfter)];
  // Of several Certificates the one that Envoy is likeliest to serve is the one that it is nearest to.
  const [held] = writers
    .filter(({ status }) => status?.notAfter !== undefined)
    .sort(
      (one, other) =>
        Math.abs(Date.parse(one.status?.notAfter ?? '') - to) - Math.abs(Date.parse(other.status?.notAfter ?? '') - to),
    );
  const heldTo = Date.parse(held?.status?.notAfter ?? '');
  const isOlder = heldTo - to > 60_000;
  const restart = {
    title: 'Restart Envoy Gateway, which hands certificates to Envoy; if that does not help, restart Envoy.',
    commands: [
      sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
      sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} -l gateway.envoyproxy.io/owning-gateway-name=${gateway.metadata.name}`,
    ],
    disturbs: 'The second one: connections through this Envoy break and are made anew.',
  };
  if (isOlder && held !== undefined) {
    const finding = {
      message: `Envoy serves ${hostname} a certificate that ${to < now.getTime() ? 'ended' : 'ends'} on ${date(served.notAfter)}, while Certificate ${held.metadata.namespace}/${held.metadata.name} holds one until ${date(held.status?.notAfter ?? '')}: it did not take the new one over.`,
      evidence: [
        {
          object: refOf(gateway),
          path: `${path}, notAfter`,
          observed: served.notAfter,
          expected: held.status?.notAfter,
        },
        { object: refOf(held), path: 'status.notAfter', observed: held.status?.notAfter, expected: served.notAfter },
      ],
      remedy: restart,
    } as const;
    if (to < now.getTime()) return fail(finding);
    // Envoy gets a renewed certificate within seconds; somebody may look in between.
    const age = now.getTime() - Date.parse(held.status?.notBefore ?? '');
    if (!(age < day / 24)) return warn(finding);
  }
  const writer = held ?? writers[0];
  if (to < now.getTime() || from > now.getTime()) {
    const isOver = to < now.getTime();
    return fail({
      message: `The certificate that Envoy serves for ${hostname} ${isOver ? `ended on ${date(served.notAfter)}` : `begins only on ${date(served.notBefore)}`}: browsers refuse it.`,
      evidence: [
        {
          object: refOf(writer ?? gateway),
          path: `${path}, ${isOver ? 'notAfter' : 'notBefore'}`,
          observed: isOver ? served.notAfter : served.notBefore,
          expected: isOver ? `later than ${now.toISOString()}` : `earlier than ${now.toISOString()}`,
        },
      ],
      remedy: {
        title: isOver
          ? 'The Certificate was not renewed; its conditions and events say why.'
          : 'Compare the clocks of this machine and of whoever issued it.',
        commands: [sh`kubectl describe certificate -n ${gateway.metadata.namespace ?? 'default'}`, sh`date -u`],
        disturbs: 'Nothing: reading only.',
      },
    });
  }
  // Let's Encrypt marks what its staging environment issues; no browser trusts it.
  if (/\(STAGING\)|Fake LE /.test(served.issuer)) {
    return fail({
      message: `Envoy serves ${hostname} a certificate of Let’s Encrypt’s staging environment (${served.issuer}), which no browser trusts.`,
      evidence: [
        {
          object: refOf(writer ?? gateway),
          path: `${path}, issuer`,
          observed: served.issuer,
          expected: 'an issuer that browsers trust',
        },
      ],
      remedy: {
        title:
          'Point the issuer at https://acme-v02.api.letsencrypt.org/directory and delete the Secret, so that the Certificate is issued anew.',
        commands: [sh`kubectl get clusterissuer -o jsonpath='{.items[*].spec.acme.server}'`],
        disturbs: 'TLS for every name of the listener, until the new certificate is there.',
      },
    });
  }
  return pass(
    `Envoy serves ${hostname} a certificate by ${served.issuer}, valid until ${date(served.notAfter)}, seen from this machine.`,
  );
}

const date = (time: string): string => time.slice(0, 10);

const showAnswer = sh`curl -sS -o /dev/null -D - --connect-to ::${device}:443 https://${stack.app.hostname}/`;

const response = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly HttpRead[] => {
    const entrance = entranceOf(values, inputs);
    return entrance === undefined ? [] : [{ type: 'http', ...entrance, why: 'what comes back for a request' }];
  },
  { why: 'what comes back for a request', command: showAnswer, probes: true },
);

export const answersRequest = defineCheck({
  id: 'envoy/answers-the-request',
  title: 'A request for the hostname is answered by the app',
  why: 'The end of the path: everything before it can be right and the app still not answer.',
  needs: [
    answers,
    completesHandshake,
    httproute.routesHostname,
    attachment.namesGateway,
    attachment.namesListener,
    admission.isAllowed,
    httproute.hostnamesAreServed,
    claims.isAlone,
    redirects.redirectsElsewhere,
    backends.backendsExist,
    ports.portsExist,
    grants.grantsExist,
    status.isReconciled,
    status.isAccepted,
    status.refsResolve,
    appService.selectsPods,
    appService.targetPortsExist,
    appPod.ready,
    appService.hasEndpoints,
  ],
  reads: { ...requestReads, response, proof },
  commands: [showAnswer],
  judge(values, { inputs }) {
    const request = requestOf(values, inputs);
    if (request === undefined) return skip(noRequest(inputs));
    const [got] = values.response;
    if (got === undefined) return skip('There is no address and HTTPS listener to send a request to.');
    if (!got.fact.ok) return unknown(got.fact.problem.message, got.fact.problem);
    return seenFromTailnet(values.proof, values, judgeResponse(request, got.fact.value, got.read, values));
  },
});

function judgeResponse(request: Request, result: HttpResult, read: HttpRead, values: RequestValues): Judgement {
  const { hostname, route, gateway } = request;
  const url = `https://${hostname}/`;
  const app = backendsOf([route], values.services).find(({ service }) => service !== undefined)?.service;
  const object = refOf(app ?? route);
  const seen = 'seen from this machine';
  const path = `GET ${url} at ${hostPort(read.host, read.port)}, ${seen}`;
  if (result.outcome === 'no-connection') {
    return skip(
      `No connection to ${hostPort(read.host, read.port)} from this machine (${result.reason}), so no request was made.`,
    );
  }
  if (result.outcome === 'no-answer') {
    const hangs = result.error === 'timed out';
    return fail({
      message: `A request for ${url} gets no answer, ${seen} (${result.error}): ${hangs ? 'Envoy took the request, and the app does not answer' : 'the connection was closed before an answer'}.`,
      evidence: [{ object: hangs ? object : refOf(gateway), path, observed: result.error, expected: 'an answer' }],
      remedy: appLog(app),
    });
  }
  const { status: code, server, location } = result;
  if (location !== null && code >= 300 && code < 400) return judgeRedirect(url, location, object, path, code);
  if (code >= 500) {
    return fail({
      message: `A request for ${url} is answered with ${code}, ${seen}: ${fiveHundreds[code] ?? 'the app fails'}.`,
      evidence: [{ object, path, observed: code, expected: 'below 500' }],
      remedy: appLog(app),
    });
  }
  if (code === 404) {
    // Envoy Gateway keeps Envoy from naming itself in the header Server [1.0 to 1.9: PASS_THROUGH], so a name is the app's.
    if (server !== null && server !== 'envoy')
      return pass(`${server} answers ${url} with 404, ${seen}: the app has nothing at /.`);
    if (!(route.spec.rules ?? [{}]).some(takesRoot))
      return pass(`${url} is answered with 404, ${seen}: no rule of the route takes /.`);
    return unknown(
      `${url} is answered with 404, ${seen}, without a name of who answered: either the app has nothing at /, or Envoy knows no route for ${hostname} (its access log then says route_not_found).`,
    );
  }
  return pass(`${url} is answered with ${code}${server === null ? '' : ` by ${server}`}, ${seen}.`);
}

const fiveHundreds: Readonly<Record<number, string>> = {
  500: 'the app fails, or Envoy has a route whose backend does not resolve',
  502: 'the app’s answer is no HTTP that Envoy understands',
  503: 'Envoy has no healthy backend for it, or cannot connect to it',
  504: 'the app does not answer in time',
};

const takesRoot = ({ matches = [] }: Rule): boolean =>
  matches.length === 0 ||
  matches.some(({ path }) => (path?.type ?? 'PathPrefix') === 'RegularExpression' || (path?.value ?? '/') === '/');

function judgeRedirect(
  url: string,
  location: string,
  object: ReturnType<typeof refOf>,
  path: string,
  code: number,
): Judgement {
  const target = URL.canParse(location, url) ? new URL(location, url).href : location;
  const insecure = target === url.replace(/^https:/, 'http:');
  if (target !== url && !insecure)
    return pass(`${url} is answered with ${code}, which leads to ${target}, seen from this machine.`);
  return fail({
    message: `A request for ${url} is redirected to ${insecure ? `${target}, as if TLS were none of its business` : 'itself'}: browsers go in circles or nowhere.`,
    evidence: [{ object, path: `${path}, Location`, observed: location, expected: 'another address' }],
    remedy: {
      title:
        'Envoy ends TLS and tells the app so in the header X-Forwarded-Proto: let the app trust it, or turn its own redirect to HTTPS off.',
      commands: [sh`curl -sS -o /dev/null -D - ${url}`],
      disturbs: 'The app, while it restarts with the setting.',
    },
  });
}

const appLog = (app: KubeObject<'Service'> | undefined) => ({
  title: 'Envoy’s access log says who gave this answer, and the app’s log what it makes of the request.',
  commands: [
    sh`kubectl logs -n ${stack.envoyGateway.namespace} -l app.kubernetes.io/component=proxy -c envoy --tail=20`,
    ...(app === undefined
      ? []
      : [
          sh`kubectl get endpointslice -n ${app.metadata.namespace ?? 'default'} -l kubernetes.io/service-name=${app.metadata.name}`,
        ]),
  ],
  disturbs: 'Nothing: reading only.',
});
