/**
 * What of the runbooks counts in this stack: neither checks of a part that it lacks, nor the needs and reads that others have for their sake. All of it
 * follows from data: `components.ts` says which component is a part, and here stands what is about a part without being of its component.
 */
import type { Check } from '../src/runbook/check.ts';
import { findingId } from '../src/runbook/finding.ts';
import type { KindName } from '../src/runbook/kinds.ts';
import type { Need } from '../src/runbook/read.ts';
import type { Runbook } from '../src/runbook/runbook.ts';
import { hasComponent } from './components.ts';
import { absentName, allParts, has } from './parts.ts';
import type { Part } from './stack-type.ts';

/** The part that a runbook is about. */
export const runbookParts: Readonly<Record<string, Part>> = {
  'cilium-socket-lb': 'cilium',
  'dns-record-missing': 'externalDns',
  'in-cluster-access': 'internalService',
  'secrets-not-synced': 'externalSecrets',
  'split-horizon-dns': 'tailnetResolver',
};

/** The part without which a check of another component has nothing to judge. */
export const checkParts: Readonly<Record<string, Part>> = {
  'client/asks-the-tailnet-resolver': 'tailnetResolver',
  'external-dns/leaves-split-horizon-alone': 'splitHorizon',
  'external-secrets/reaches-vault': 'vault',
  'httproute/is-exposed': 'externalDns',
};

/** The part that a finding of another component is about. */
export const findingParts: Readonly<Record<string, Part>> = {
  'app-pod/lets-envoy-in#closed': 'cilium',
  'app-pod/lets-envoy-in#denied': 'cilium',
  'cert-manager/reaches-what-it-needs#closed': 'cilium',
  'cert-manager/reaches-what-it-needs#denied': 'cilium',
  'certificate/covers-the-hostnames#too-deep': 'wildcard',
  'clusterissuer/finds-its-token#misnamed': 'externalSecrets',
  'clusterissuer/finds-its-token#other-key': 'externalSecrets',
  'clusterissuer/finds-its-token#other-namespace': 'externalSecrets',
  'clusterissuer/finds-its-token#other-secret': 'externalSecrets',
  'cloudflare-dns/has-the-right-record#leads-into-tailnet': 'splitHorizon',
  'cloudflare-dns/has-the-right-record#public-copy-missing': 'splitHorizon',
  'envoy/lets-the-proxy-in#closed': 'cilium',
  'envoy/lets-the-proxy-in#denied': 'cilium',
  'envoy-gateway/lets-envoy-in#closed': 'cilium',
  'envoy-gateway/lets-envoy-in#denied': 'cilium',
  'external-dns/reaches-what-it-needs#closed': 'cilium',
  'external-dns/reaches-what-it-needs#denied': 'cilium',
  'external-secrets/reaches-vault#closed': 'cilium',
  'external-secrets/reaches-vault#denied': 'cilium',
};

/** The part that brings a kind. */
const kindParts: Partial<Readonly<Record<KindName, Part>>> = {
  CiliumClusterwideNetworkPolicy: 'cilium',
  CiliumNetworkPolicy: 'cilium',
  CiliumNodeConfig: 'cilium',
  ClusterSecretStore: 'externalSecrets',
  ExternalSecret: 'externalSecrets',
  SecretStore: 'externalSecrets',
};

/** Words of commands that ask for what is absent. */
const ofAbsent = [
  absentName,
  ...Object.entries(kindParts).flatMap(([kind, part]) => (has(part) ? [] : [kind.toLowerCase()])),
];

const isThere = (part: Part | undefined): boolean => part === undefined || has(part);

const isPresent = ({ id, component }: Check): boolean => hasComponent(component) && isThere(checkParts[id]);

/** Whether a read asks for what the stack has. */
const isAsked = (need: Need): boolean => {
  if (need.want === 'follow') return Object.values(need.first).every(isAsked);
  const { read } = need;
  if (!('kind' in read)) return true;
  return isThere(kindParts[read.kind]) && read.namespace !== absentName;
};

/** What a judge gets in the place of what is not asked: nothing, as from a cluster that has none. */
const nothing = (need: Need): unknown => (need.want !== 'follow' && need.read.type === 'list' ? [] : undefined);

const made = new Map<Check, Check>();

/** A check without what is absent: the same for the same, for needs are told apart by identity. */
function without(check: Check): Check {
  const known = made.get(check);
  if (known !== undefined) return known;
  const reads = Object.entries(check.reads);
  const unasked = reads.filter(([, need]) => !isAsked(need));
  const empty = Object.fromEntries(unasked.map(([name, need]) => [name, nothing(need)]));
  const left: Check = {
    ...check,
    needs: check.needs.filter(isPresent).map(without),
    reads: Object.fromEntries(reads.filter(([, need]) => isAsked(need))),
    ...(check.commands && {
      commands: check.commands.filter(({ text }) => !ofAbsent.some((word) => text.includes(word))),
    }),
    findings: Object.fromEntries(
      Object.entries(check.findings).filter(([name]) => isThere(findingParts[findingId(check.id, name)])),
    ),
    judge: (values, context) => check.judge({ ...empty, ...values }, context),
  };
  made.set(check, left);
  return left;
}

/** The runbooks that the stack has, each with the checks that count. */
export const present = (runbooks: readonly Runbook[]): readonly Runbook[] =>
  allParts.every(has)
    ? runbooks
    : runbooks
        .filter(({ id }) => isThere(runbookParts[id]))
        .map((runbook) => ({ ...runbook, checks: runbook.checks.filter(isPresent).map(without) }))
        .filter(({ checks }) => checks.length > 0);
