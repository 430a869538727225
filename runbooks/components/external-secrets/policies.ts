/** External Secrets: whether network policies let it reach Vault. */
import { defineCheck } from '../../../src/runbook/check.ts';
import { plain } from '../../../src/runbook/read.ts';
import { hopFindings, judgeAll, showPolicies } from '../../models/hop-findings.ts';
import { endOf, podsBehind, policyReads, targetPort, type Hop, type PolicyValues } from '../../models/hops.ts';
import { deployments, services } from '../../models/reads.ts';
import { leadsTo } from '../../../src/kinds/references.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { stores, vaultAddresses, type VaultAddress } from '../vault/addresses.ts';
import { controllerOf, kindsInstalled } from './external-secrets.ts';

type Values = PolicyValues & { services: readonly KubeObject<'Service'>[] };

/** From the controller to every pod behind the Service that a store names. */
function hopsOf({ service: reference }: VaultAddress, senders: readonly Hop['from'][], values: Values): readonly Hop[] {
  const service = reference && values.services.find((one) => leadsTo(reference, one));
  if (reference === undefined || service === undefined) return [];
  const asked = (service.spec?.ports ?? []).filter(({ port }) => port === reference.port);
  return podsBehind(service, values.pods).flatMap((pod) =>
    asked.flatMap((one) => {
      const port = targetPort(one, pod);
      if (port === undefined) return [];
      const to = endOf('Vault', pod, values);
      const breaks = 'no Secret is copied any more, and those that there are grow old';
      return senders.map((from) => ({ from, to, protocol: 'TCP' as const, port, breaks }));
    }),
  );
}

export const reachesVault = defineCheck({
  id: 'external-secrets/reaches-vault',
  title: 'Network policies let External Secrets reach Vault',
  why: 'A packet that no policy allows is dropped without a word: the store says no more than that it timed out.',
  needs: [kindsInstalled],
  reads: { ...stores, services: plain(services), deployments: plain(deployments), ...policyReads },
  commands: showPolicies,
  findings: hopFindings,
  judge(values, { find }) {
    const controller = controllerOf(values.deployments);
    const senders = (controller === undefined ? [] : podsBehind(controller, values.pods)).map((pod) =>
      endOf('External Secrets', pod, values),
    );
    const hops = vaultAddresses(values).flatMap((address) => hopsOf(address, senders, values));
    return judgeAll(hops, values, find, 'No store leads from a pod of External Secrets to a pod of Vault.');
  },
});
