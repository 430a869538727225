/** ExternalDNS: whether it reads annotations by the prefix that they have. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf } from '../../../src/runbook/told.ts';
import { externalDnsOf, type ExternalDns } from '../../models/external-dns-options.ts';
import { annotatedTargets } from '../../models/external-dns-records.ts';
import { stack } from '#stack';
import { tailnetGateways } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import { argumentsOf, prefixesOf, reads, setArgument, showArguments, type Gateway, type Route } from './exposed.ts';

/** A Gateway whose target annotation an ExternalDNS does not read. */
interface Unread {
  options: ExternalDns;
  gateway: Gateway;
  /** The annotation that it carries. */
  other: string;
  /** The prefix that is read. */
  prefix: string;
}

const readPrefix = ({ options, prefix }: Unread): string =>
  `${prefix}${options.prefixIsDefault ? ` (the default of 0.${options.minor ?? ''})` : ''}`;

const otherPrefix = ({ other }: Unread): string => other.slice(0, -'target'.length);

const mismatch = (unread: Unread): Evidence =>
  argumentsOf(
    unread.options,
    `--annotation-prefix=${readPrefix(unread)}`,
    `--annotation-prefix=${otherPrefix(unread)}`,
  );

const annotation = ({ gateway, other, prefix }: Unread): Evidence => ({
  object: refOf(gateway),
  path: 'metadata.annotations',
  observed: other,
  expected: `${prefix}target`,
});

const message = (unread: Unread): string =>
  `ExternalDNS reads annotations that start with ${readPrefix(unread)}, and Gateway ${nameOf(unread.gateway)} carries ${unread.other}: it is not seen.`;

const annotate = ({ gateway, prefix }: Unread): Remedy => ({
  title: 'Write the annotation with the prefix that ExternalDNS reads.',
  commands: [
    sh`kubectl annotate gateway ${place(gateway.metadata)} ${prefix}target=${stack.device.name}.${stack.tailnet}`,
  ],
  disturbs: 'Records of this Gateway’s routes change to the target.',
});

export const annotationPrefix = defineCheck({
  id: 'external-dns/annotation-prefix',
  title: 'ExternalDNS reads annotations by the prefix that is in use',
  why: 'ExternalDNS 0.22 changed its default prefix: annotations by the old one are not refused, they are not seen.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showArguments, sh`kubectl get gateway -A -o yaml | grep external-dns`],
  findings: {
    odd: finding<Unread>({
      headline: 'Gateway {gateway} has a prefix that ExternalDNS does not read',
      means: 'One Gateway names its target by another prefix than the others, so its annotation is not seen.',
      message,
      evidence: (unread) => [annotation(unread), mismatch(unread)],
      remedies: (unread) => [annotate(unread)],
    }),
    unread: finding<Unread>({
      headline: 'ExternalDNS does not read the prefix that is in use',
      means: 'Annotations start with one prefix and ExternalDNS reads another: it sees none of them, and says nothing.',
      message,
      evidence: (unread) => [mismatch(unread), annotation(unread)],
      remedies: (unread) => [
        {
          title: `Add the argument --annotation-prefix=${otherPrefix(unread)}.`,
          commands: [setArgument(unread.options, `--annotation-prefix=${otherPrefix(unread)}`)],
          disturbs: 'Records change back to the target; until caches expire some clients keep the old ones.',
        },
        { ...annotate(unread), title: `Write the annotations anew, with ${unread.prefix}.` },
      ],
    }),
  },
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    const readers = readersOf(all);
    if (readers.length === 0) {
      return skip('Neither --annotation-prefix nor the version of its image says which prefix ExternalDNS reads.');
    }
    const gateways = tailnetGateways(values).map(({ gateway }) => gateway);
    return eachOf(readers, (options): Judgement => {
      const unread = unreadBy(options, gateways, readers);
      if (unread === undefined) {
        return pass(`${nameOf(options.deployment)} reads annotations that start with ${prefixesOf(options)[0] ?? ''}.`);
      }
      return isInUse(options, allOf(gateways, values.routes)) ? find.odd(unread) : find.unread(unread);
    });
  },
});

/** Only the sources of the Gateway API read a Gateway's annotations; where no ExternalDNS has one, that is found elsewhere. */
function readersOf(all: readonly ExternalDns[]): readonly ExternalDns[] {
  const told = all.filter(({ prefixes, isTold }) => prefixes !== undefined && isTold);
  const watching = told.filter(({ sources }) => sources.some((source) => source.startsWith('gateway-')));
  return watching.length > 0 ? watching : told;
}

/** The first Gateway whose target goes unread. */
function unreadBy(
  options: ExternalDns,
  gateways: readonly Gateway[],
  readers: readonly ExternalDns[],
): Unread | undefined {
  const prefixes = prefixesOf(options);
  for (const gateway of gateways) {
    if (annotatedTargets(gateway, prefixes).length > 0) continue;
    const other = targetKeys(gateway).find((key) => !prefixes.some((own) => key === `${own}target`));
    // With a prefix of its own beside one that reads the annotation, it is told apart on purpose: public and internal DNS.
    const isApart =
      !options.prefixIsDefault && readers.some((one) => annotatedTargets(gateway, prefixesOf(one)).length > 0);
    if (other !== undefined && !isApart) return { options, gateway, other, prefix: prefixes[0] ?? '' };
  }
  return undefined;
}

/** Whether something carries a target by a prefix that is read: then what does not differs from the rest. */
const isInUse = (options: ExternalDns, carriers: readonly (Gateway | Route)[]): boolean =>
  carriers.some(({ metadata }) =>
    Object.keys(metadata.annotations ?? {}).some((key) => prefixesOf(options).some((own) => key === `${own}target`)),
  );

/** Annotations of a Gateway that mean a target to some ExternalDNS. */
const targetKeys = (gateway: Gateway): readonly string[] =>
  Object.keys(gateway.metadata.annotations ?? {}).filter((key) => /^external-dns\.[a-z.]+\/target$/.test(key));
