/** ExternalDNS: whether it leaves the split-horizon hostname to its public record. */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { domainsAllow, externalDnsOf, legacyPrefix, type ExternalDns } from '../../models/external-dns-options.ts';
import { recordsOf } from '../../models/external-dns-records.ts';
import { partNames } from '../../parts.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import {
  argumentsOf,
  editArguments,
  exposeAnnotations,
  isAnnotated,
  prefixesOf,
  reads,
  showRoutes,
  type Route,
  type Values,
} from './exposed.ts';

const { hostname, pages } = partNames.splitHorizon;

interface Asking {
  route: Route;
  /** The annotation that asks, if one does. */
  annotation: readonly [key: string, value: string] | undefined;
}

export const leavesSplitHorizonAlone = defineCheck({
  id: 'external-dns/leaves-split-horizon-alone',
  title: 'No route asks ExternalDNS for the split-horizon hostname',
  why: 'Its public record leads to the public site; ExternalDNS would put one that leads to the tailnet in its place.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showRoutes],
  findings: {
    unfiltered: finding<{ options: ExternalDns; route: Route }>({
      headline: 'ExternalDNS publishes every route, the split one too',
      means:
        'Without an annotation filter it makes a record of each route, also of the hostname whose record is public.',
      message: ({ options }) =>
        `ExternalDNS ${nameOf(options.deployment)} runs without --annotation-filter, so it publishes every route, and ${hostname} with them.`,
      evidence: ({ options, route }) => [
        argumentsOf(options, 'no --annotation-filter', `--annotation-filter=${legacyPrefix}expose=true`),
        {
          object: refOf(route),
          path: 'spec.hostnames',
          observed: hostname,
          expected: 'a record that ExternalDNS leaves alone',
        },
      ],
      remedies: ({ options }) => [
        {
          title: `Restore the argument, then make sure that ${hostname} leads to ${pages} again.`,
          commands: [editArguments(options), sh`dig +short ${hostname} @1.1.1.1`],
          disturbs: 'Records of routes without the annotation are deleted, as far as ExternalDNS owns them.',
        },
      ],
    }),
    asked: finding<Asking>({
      headline: 'HTTPRoute {route} asks for the public site’s record',
      means:
        'The hostname has a public record of its own. ExternalDNS makes one to the tailnet as soon as that is gone.',
      message: ({ route }) =>
        `HTTPRoute ${nameOf(route)} asks for a public record of ${hostname}, which belongs to ${pages}: ExternalDNS leaves a record that is not its own alone, and makes one that leads to the tailnet as soon as that is gone.`,
      evidence: ({ route, annotation }) => [
        {
          object: refOf(route),
          path: 'metadata.annotations',
          observed: annotation?.join('=') ?? exposeAnnotations(route),
          expected: 'no expose annotation',
        },
      ],
      remedies: ({ route, annotation: [key] = [`${legacyPrefix}expose`] }) => [
        {
          title: `Take the annotation out. If ExternalDNS has made its own record, it then deletes that: restore the public one (CNAME ${pages}).`,
          change: { object: refOf(route), path: `metadata.annotations["${key}"]`, to: null },
          commands: [
            sh`kubectl annotate httproute ${place(route.metadata)} ${key}-`,
            sh`dig +short ${hostname} @1.1.1.1`,
          ],
          disturbs: 'Public visitors of the hostname, where ExternalDNS made the record, until the public one is back.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    const routes = values.routes.filter(({ spec }) =>
      (spec.hostnames ?? []).some((name) => name.toLowerCase() === hostname),
    );
    if (isNone(routes)) return skip(`No route serves ${hostname}.`);
    const isExcluded = all.length > 0 && !all.some((options) => domainsAllow(options, hostname));
    return eachOf(routes, (route): Judgement => {
      const options = publisherOf(route, all, values);
      if (options === undefined && (isExcluded || !isAnnotated(route))) {
        return pass(`HTTPRoute ${nameOf(route)} leaves ${hostname} to its public record.`);
      }
      if (options?.annotationFilter === '' && !isAnnotated(route)) return find.unfiltered({ options, route });
      const annotation = Object.entries(route.metadata.annotations ?? {}).find(([key]) => key.endsWith('/expose'));
      return find.asked({ route, annotation });
    });
  },
});

/** The ExternalDNS that makes a record of the hostname, if one does. */
const publisherOf = (route: Route, all: readonly ExternalDns[], { gateways }: Pick<Values, 'gateways'>) =>
  all.find((options) =>
    recordsOf(options, route, gateways, prefixesOf(options)).records.some((record) => record.hostname === hostname),
  );
