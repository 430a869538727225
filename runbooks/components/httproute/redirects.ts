/** HTTPRoute: redirects that lead back to themselves. */
import { defineCheck, refOf, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { hostnamesIntersect } from '../../../src/formats/hostname.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { namespaces } from '../../models/reads.ts';
import {
  admittingListeners,
  attachmentsOf,
  matchesOf,
  nameOf,
  type Attachment,
  type Listener,
  type Route,
  type Rule,
} from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { changeRoute, eachAttachment, editRoute, reads } from './routes.ts';

type Redirect = NonNullable<NonNullable<Rule['filters']>[number]['requestRedirect']>;

/** A rule that redirects requests to the very address that they are for. */
interface Loop extends Attachment {
  listener: Listener;
  hostname: string;
  /** The redirect, and where it stands. */
  redirect: Redirect;
  filterPath: string;
  /** The listener that redirects to HTTPS are for, where the Gateway has one. */
  http: Listener | undefined;
}

const schemeOf = ({ protocol }: Listener): string => (protocol === 'HTTPS' ? 'https' : 'http');

const loopSentence = ({ route, gateway, listener, hostname }: Loop): string =>
  `HTTPRoute ${nameOf(route)} redirects ${schemeOf(listener)}://${hostname} to itself on listener ${listener.name} of Gateway ${nameOf(gateway)}: browsers give up with too many redirects.`;

/** What is alike in redirects that are at fault themselves. */
const aboutLoop = {
  message: loopSentence,
  evidence: ({ route, filterPath, redirect }: Loop): readonly [Evidence] => [
    {
      object: refOf(route),
      path: filterPath,
      observed: redirect,
      expected: 'another scheme, hostname or path than the request’s',
    },
  ],
};

/** A route of redirects alone can be hung elsewhere; one that serves the app too has to be divided. */
const hangOnHttp = ({ route, path, http }: Loop): Remedy => {
  const rules = route.spec.rules ?? [];
  return http !== undefined && rules.every((rule) => redirectOf(rule) !== undefined)
    ? changeRoute(`Hang the redirect on listener ${http.name} alone.`, route, `${path}.sectionName`, http.name)
    : editRoute(
        'Hang the redirect on the HTTP listener alone, with sectionName, and the app’s rules on the HTTPS listener.',
        route,
      );
};

export const redirectsElsewhere = defineCheck({
  id: 'httproute/redirects-elsewhere',
  title: 'No route redirects to itself',
  why: 'A redirect to HTTPS that hangs on the HTTPS listener too sends the browser in circles.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [sh`kubectl get httproute -A -o yaml | grep -B3 -A6 'requestRedirect:'`],
  findings: {
    onEveryListener: finding<Loop>({
      headline: 'The redirect of HTTPRoute {route} is on HTTPS too',
      means:
        'The route names no section, so its redirect hangs on every listener: on the HTTPS one it leads to itself.',
      message: loopSentence,
      evidence: ({ route, path }) => [
        {
          object: refOf(route),
          path: `${path}.sectionName`,
          observed: 'absent, which means every listener',
          expected: 'the HTTP listener only',
        },
      ],
      remedies: (subject) => [hangOnHttp(subject)],
    }),
    onHttps: finding<Loop>({
      headline: 'HTTPRoute {route} redirects HTTPS to HTTPS',
      means:
        'A redirect to HTTPS belongs on the HTTP listener. On the HTTPS one it answers with the address that was asked for.',
      ...aboutLoop,
      remedies: (subject) => [hangOnHttp(subject)],
    }),
    toItself: finding<Loop>({
      headline: 'HTTPRoute {route} redirects to itself',
      means: 'A rule answers with a redirect to the scheme, hostname and path that were asked for.',
      ...aboutLoop,
      remedies: ({ route }) => [
        editRoute('Let the rule redirect to another scheme, hostname or path, or send requests to the app.', route),
      ],
    }),
  },
  judge: (values, { inputs, find }) =>
    eachAttachment(
      attachmentsOf(values, inputs),
      (attachment) => {
        const listeners = admittingListeners(attachment, values.namespaces);
        const isOnAll = attachment.parent.sectionName === undefined && listeners.length > 1;
        return loopsOf(attachment, listeners).map((loop) => {
          if (loop.redirect.scheme !== 'https') return find.toItself(loop);
          return isOnAll ? find.onEveryListener(loop) : find.onHttps(loop);
        });
      },
      'No route redirects to itself.',
    ),
});

/** What a rule redirects to, and the index of the filter that says so. */
function redirectOf(rule: Rule): { redirect: Redirect; filter: number } | undefined {
  const filter = (rule.filters ?? []).findIndex(({ requestRedirect }) => requestRedirect !== undefined);
  const redirect = rule.filters?.[filter]?.requestRedirect;
  return redirect && { redirect, filter };
}

function loopsOf(attachment: Attachment, listeners: readonly Listener[]): readonly Loop[] {
  const { route, gateway } = attachment;
  const http = gateway.spec.listeners.find(({ protocol }) => protocol === 'HTTP');
  return (route.spec.rules ?? []).flatMap((rule, index) => {
    const found = redirectOf(rule);
    const loop = found && keepsPath(rule, found.redirect) ? loopOf(found.redirect, route, listeners) : undefined;
    if (found === undefined || loop === undefined) return [];
    const filterPath = `spec.rules[${index}].filters[${found.filter}].requestRedirect`;
    return [{ ...attachment, ...loop, redirect: found.redirect, filterPath, http }];
  });
}

const keepsPath = (rule: Rule, redirect: Redirect): boolean =>
  matchesOf(rule).every(({ path }) => {
    const value = path?.value ?? '/';
    if (redirect.path === undefined) return true;
    return redirect.path.type === 'ReplaceFullPath'
      ? redirect.path.replaceFullPath === value
      : redirect.path.replacePrefixMatch === value;
  });

/** A hostname for which a redirect leads back to where it stands. Wildcards are left alone: other routes take their names. */
function loopOf(
  redirect: Redirect,
  route: Route,
  listeners: readonly Listener[],
): { listener: Listener; hostname: string } | undefined {
  for (const listener of listeners) {
    const sameScheme = redirect.scheme === undefined || redirect.scheme === schemeOf(listener);
    const samePort = redirect.port === undefined || redirect.port === listener.port;
    const hostname = (route.spec.hostnames ?? []).find(
      (name) =>
        !name.startsWith('*') &&
        hostnamesIntersect(listener.hostname, name) &&
        (redirect.hostname === undefined || redirect.hostname === name),
    );
    if (sameScheme && samePort && hostname !== undefined) return { listener, hostname };
  }
  return undefined;
}
