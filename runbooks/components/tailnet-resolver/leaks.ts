/** Tailnet resolver, what it leaves to public DNS: other record types of the names that it answers. [CoreDNS 1.12 and 1.13] */
import { blockOnAnyPort, pluginsOf, type Directive } from '../../../src/formats/corefile/corefile.ts';
import { defineCheck, pass, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { isNone } from '../../../src/runbook/told.ts';
import { inCorefile } from '../../models/corefile-rules.ts';
import { parentDomain } from '../../models/in-cluster-names.ts';
import { resolverAnswer } from '../../models/tailnet-resolver-objects.ts';
import { stack } from '#stack';
import { partNames } from '../../parts.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { loadsCorefile } from './corefile.ts';
import {
  hostnamesOf,
  restart,
  restartDisturbs,
  routedReads as reads,
  runUpdater,
  showCorefile,
  updater,
  whereConfigured,
  type Configured,
  type RoutedValues,
} from './resolver.ts';

const otherTypes = ['AAAA', 'HTTPS'] as const;

interface Leak extends Pick<Configured, 'config' | 'corefile'> {
  hostname: string;
  /** What is asked elsewhere. */
  types: readonly string[];
}

export const keepsEveryType = defineCheck({
  id: 'tailnet-resolver/keeps-every-type',
  title: 'The tailnet resolver answers every record type itself',
  why: 'A client asks for A, AAAA and HTTPS at once: what the resolver forwards comes from public DNS, and clients may prefer it.',
  needs: [envoyGateway.kindsInstalled, loadsCorefile],
  reads,
  commands: [
    showCorefile,
    ...otherTypes.map(
      (type) =>
        sh`dig +noall +answer @${partNames.tailnetResolver.device}.${stack.tailnet} ${partNames.splitHorizon.hostname} ${type}`,
    ),
  ],
  findings: {
    leaks: finding<Leak>({
      headline: 'The tailnet resolver answers {hostname} for A only',
      means: 'The Corefile has an address of its own for the hostname, and no rule for its other record types.',
      message: ({ hostname, types }) =>
        `The tailnet resolver answers ${hostname} for A only, and forwards ${types.join(' and ')} to public DNS: with a public ${types.join(' or ')} record, clients on the tailnet go to the public site.`,
      evidence: (leak) => [
        inCorefile(
          leak.config,
          rulesFor(leak),
          leak.types.map(
            (type) => `template IN ${type} ${parentDomain(leak.hostname)} with rcode NOERROR and no answer`,
          ),
        ),
      ],
      remedies: () => [
        {
          title:
            'Add a template for each of these types that answers NOERROR without a record, as the handbook’s infrastructure/tailscale-dns/configmap.yaml has them; then let the updater write today’s address into it.',
          commands: [sh`kubectl apply -f infrastructure/tailscale-dns/configmap.yaml`, runUpdater(updater), restart],
          disturbs: restartDisturbs,
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    whereConfigured(values, (found) => {
      const answered = hostnamesOf(values, found).filter((hostname) => answerKind(found, hostname, 'A') === 'records');
      if (isNone(answered)) return skip('The resolver answers no routed hostname with an address of its own.');
      const hostnames = notExposed(values, answered);
      if (isNone(hostnames))
        return pass('Every hostname that it answers is published with the Gateway alone, so nothing else can leak in.');
      const [leak] = hostnames.flatMap((hostname) => leakOf(found, hostname) ?? []);
      return leak === undefined
        ? pass(`It answers ${otherTypes.join(' and ')} for ${hostnames.join(', ')} itself, too.`)
        : find.leaks(leak);
    }),
});

const answerKind = (found: Configured, hostname: string, type: string) =>
  resolverAnswer(found, hostname, type)?.result.kind;

function leakOf(found: Configured, hostname: string): Leak | undefined {
  const types = otherTypes.filter((type) => answerKind(found, hostname, type) === 'forwarded');
  const { config, corefile } = found;
  return types.length === 0 ? undefined : { config, corefile, hostname, types };
}

/** The hostnames that may have records of their own in public DNS: those that ExternalDNS is not asked to publish. */
const notExposed = ({ routes }: RoutedValues, hostnames: readonly string[]): readonly string[] =>
  hostnames.filter((hostname) =>
    routes.some(
      ({ metadata, spec }) =>
        (spec.hostnames ?? []).includes(hostname) &&
        !Object.entries(metadata.annotations ?? {}).some(([key, value]) => key.endsWith('/expose') && value === 'true'),
    ),
  );

/** What the server block of a hostname answers with, and whom it asks, as its lines say. */
function rulesFor({ corefile, hostname }: Leak): readonly string[] {
  const block = blockOnAnyPort(corefile, hostname);
  return ['template', 'hosts', 'forward']
    .flatMap((plugin) => (block === undefined ? [] : pluginsOf(block, plugin)))
    .map(lineOf);
}

const lineOf = ({ name, args }: Directive): string => [name, ...args].join(' ');
