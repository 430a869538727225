/** Envoy: what comes back for a request, which is the end of its path. */
import {
  defineCheck,
  pass,
  refOf,
  skip,
  unknown,
  type Evidence,
  type Judgement,
  type ObjectRef,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { follow, hostPort, type HttpRead, type HttpResult, type Inputs } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { backendsOf } from '../../models/backends.ts';
import { proof, seenFromTailnet } from '../../models/on-the-tailnet.ts';
import { noRequest, requestOf, requestReads, type Request, type RequestValues } from '../../models/request.ts';
import type { Rule } from '../../models/routes.ts';
import { stack } from '#stack';
import * as appPod from '../app-pod/app-pod.ts';
import { letsEnvoyIn } from '../app-pod/policies.ts';
import * as appService from '../app-service/app-service.ts';
import * as admission from '../httproute/admission.ts';
import * as attachment from '../httproute/attachment.ts';
import * as backends from '../httproute/backends.ts';
import * as claims from '../httproute/claims.ts';
import * as grants from '../httproute/grants.ts';
import * as httproute from '../httproute/httproute.ts';
import * as ports from '../httproute/ports.ts';
import * as redirects from '../httproute/redirects.ts';
import * as status from '../httproute/status.ts';
import { answers } from '../managed-service/probes.ts';
import { device, entranceOf } from './entrance.ts';
import { completesHandshake } from './handshake.ts';

const showAnswer = sh`curl -sS -o /dev/null -D - --connect-to ::${device}:443 https://${stack.app.hostname}/`;

const response = follow(
  requestReads,
  (values: RequestValues, inputs: Inputs): readonly HttpRead[] => {
    const entrance = entranceOf(values, inputs);
    return entrance === undefined ? [] : [{ type: 'http', ...entrance, why: 'what comes back for a request' }];
  },
  { why: 'what comes back for a request', command: showAnswer, probes: true },
);

/** A request that was made, and where it was to lead. */
interface Asked {
  request: Request;
  hostname: string;
  url: string;
  /** Where Envoy took it, or would have. */
  address: string;
  app: KubeObject<'Service'> | undefined;
}

const seen = 'seen from this machine';
const pathOf = ({ url, address }: Asked): string => `GET ${url} at ${address}, ${seen}`;
/** Who has to answer for what an app says: its Service, else the route that leads nowhere. */
const answering = ({ app, request }: Asked): ObjectRef => refOf(app ?? request.route);

const fiveHundreds: Readonly<Record<number, string>> = {
  500: 'the app fails, or Envoy has a route whose backend does not resolve',
  502: 'the app’s answer is no HTTP that Envoy understands',
  503: 'Envoy has no healthy backend for it, or cannot connect to it',
  504: 'the app does not answer in time',
};

const readLogs = ({ app }: Asked): readonly [Remedy] => [
  {
    title:
      'Read Envoy’s access log, which says who gave this answer, and look at the endpoints behind the app’s Service.',
    commands: [
      sh`kubectl logs -n ${stack.envoyGateway.namespace} -l app.kubernetes.io/component=proxy -c envoy --tail=20`,
      ...(app === undefined
        ? []
        : [
            sh`kubectl get endpointslice -n ${app.metadata.namespace ?? 'default'} -l kubernetes.io/service-name=${app.metadata.name}`,
          ]),
    ],
    disturbs: 'Nothing: reading only.',
  },
];

/** An answer that sends the browser where it cannot go. */
interface Redirected extends Asked {
  location: string;
}

/** What is alike in both. */
const aboutRedirect = {
  evidence: (subject: Redirected): readonly [Evidence] => [
    {
      object: answering(subject),
      path: `${pathOf(subject)}, Location`,
      observed: subject.location,
      expected: 'another address',
    },
  ],
  remedies: ({ url }: Redirected): readonly [Remedy, Remedy] => {
    const commands = [sh`curl -sS -o /dev/null -D - ${url}`];
    const disturbs = 'The app, while it restarts with the setting.';
    return [
      {
        title: 'Let the app trust the header X-Forwarded-Proto, in which Envoy says that it has ended TLS.',
        ...{ commands, disturbs },
      },
      { title: 'Turn the app’s own redirect to HTTPS off.', ...{ commands, disturbs } },
    ];
  },
};

const findings = {
  timesOut: finding<Asked & { error: string }>({
    headline: 'The app behind {hostname} does not answer',
    means: 'Envoy took the request and passed it on, and nothing came back in time.',
    message: ({ url, error }) =>
      `A request for ${url} gets no answer, ${seen} (${error}): Envoy took the request, and the app does not answer.`,
    evidence: (subject) => [
      { object: answering(subject), path: pathOf(subject), observed: subject.error, expected: 'an answer' },
    ],
    remedies: readLogs,
  }),
  closed: finding<Asked & { error: string }>({
    headline: 'Envoy closes the connection for {hostname} without an answer',
    means: 'The handshake was completed, and the connection ended before there was an answer.',
    message: ({ url, error }) =>
      `A request for ${url} gets no answer, ${seen} (${error}): the connection was closed before an answer.`,
    evidence: (subject) => [
      { object: refOf(subject.request.gateway), path: pathOf(subject), observed: subject.error, expected: 'an answer' },
    ],
    remedies: readLogs,
  }),
  serverError: finding<Asked & { code: number }>({
    headline: 'A request for {hostname} is answered with {code}',
    means: 'An error of the server’s side came back: the app’s own, or Envoy’s for want of an app that answers.',
    message: ({ url, code }) =>
      `A request for ${url} is answered with ${code}, ${seen}: ${fiveHundreds[code] ?? 'the app fails'}.`,
    evidence: (subject) => [
      { object: answering(subject), path: pathOf(subject), observed: subject.code, expected: 'below 500' },
    ],
    remedies: readLogs,
  }),
  redirectsToItself: finding<Redirected>({
    headline: 'The app behind {hostname} redirects to itself',
    means: 'The answer sends the browser to the address that it came from, so it goes in circles.',
    message: ({ url }) => `A request for ${url} is redirected to itself: browsers go in circles or nowhere.`,
    ...aboutRedirect,
  }),
  redirectsToPlainHttp: finding<Redirected>({
    headline: 'The app behind {hostname} redirects to plain HTTP',
    means: 'The app does not know that TLS ended before it, and sends the browser where nobody may listen.',
    message: ({ url, hostname }) =>
      `A request for ${url} is redirected to http://${hostname}/, as if TLS were none of its business: browsers go in circles or nowhere.`,
    ...aboutRedirect,
  }),
};

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
    letsEnvoyIn,
    appService.hasEndpoints,
  ],
  reads: { ...requestReads, response, proof },
  commands: [showAnswer],
  findings,
  judge(values, { inputs, find }) {
    const request = requestOf(values, inputs);
    if (request === undefined) return skip(noRequest(inputs));
    const [got] = values.response;
    if (got === undefined) return skip('There is no address and HTTPS listener to send a request to.');
    if (!got.fact.ok) return unknown(got.fact.problem.message, got.fact.problem);
    const judged = judgeResponse(askedOf(request, got.read, values), got.fact.value, find);
    return seenFromTailnet(values.proof, values, judged);
  },
});

const askedOf = (request: Request, { host, port }: HttpRead, values: RequestValues): Asked => ({
  request,
  hostname: request.hostname,
  url: `https://${request.hostname}/`,
  address: hostPort(host, port),
  app: backendsOf([request.route], values.services).find(({ service }) => service !== undefined)?.service,
});

function judgeResponse(asked: Asked, result: HttpResult, find: Find<typeof findings>): Judgement {
  switch (result.outcome) {
    case 'no-connection':
      return skip(`No connection to ${asked.address} from this machine (${result.reason}), so no request was made.`);
    case 'no-answer': {
      const { error } = result;
      return error === 'timed out' ? find.timesOut({ ...asked, error }) : find.closed({ ...asked, error });
    }
    case 'answered':
      return judgeAnswer(asked, result, find);
  }
}

type Answered = Extract<HttpResult, { outcome: 'answered' }>;

function judgeAnswer(
  asked: Asked,
  { status: code, server, location }: Answered,
  find: Find<typeof findings>,
): Judgement {
  if (location !== null && code >= 300 && code < 400) return judgeRedirect({ ...asked, location }, code, find);
  if (code >= 500) return find.serverError({ ...asked, code });
  if (code === 404) return judgeNotFound(asked, server);
  return pass(`${asked.url} is answered with ${code}${server === null ? '' : ` by ${server}`}, ${seen}.`);
}

function judgeRedirect(redirected: Redirected, code: number, find: Find<typeof findings>): Judgement {
  const { url, location } = redirected;
  const target = URL.canParse(location, url) ? new URL(location, url).href : location;
  if (target === url) return find.redirectsToItself(redirected);
  if (target === url.replace(/^https:/, 'http:')) return find.redirectsToPlainHttp(redirected);
  return pass(`${url} is answered with ${code}, which leads to ${target}, ${seen}.`);
}

function judgeNotFound({ request: { route }, hostname, url }: Asked, server: string | null): Judgement {
  // Envoy Gateway keeps Envoy from naming itself in the header Server [1.0 to 1.9: PASS_THROUGH], so a name is the app's.
  if (server !== null && server !== 'envoy')
    return pass(`${server} answers ${url} with 404, ${seen}: the app has nothing at /.`);
  if (!(route.spec.rules ?? [{}]).some(takesRoot))
    return pass(`${url} is answered with 404, ${seen}: no rule of the route takes /.`);
  return unknown(
    `${url} is answered with 404, ${seen}, without a name of who answered: either the app has nothing at /, or Envoy knows no route for ${hostname} (its access log then says route_not_found).`,
  );
}

const takesRoot = ({ matches = [] }: Rule): boolean =>
  matches.length === 0 ||
  matches.some(({ path }) => (path?.type ?? 'PathPrefix') === 'RegularExpression' || (path?.value ?? '/') === '/');
