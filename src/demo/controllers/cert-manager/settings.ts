/** What cert-manager is told by its arguments. */
import { flagsOf } from '../../../formats/container-flags.ts';
import { certManagerRules } from '../../../formats/program-flags.ts';
import type { Process } from '../processes.ts';

export interface Settings {
  /** Where it runs. */
  namespace: string;
  serviceAccount: string;
  /** Where the Secrets of ClusterIssuers are looked up. */
  clusterResourceNamespace: string;
  /** Whether it looks for its DNS-01 records at resolvers of its own, past the cluster's. */
  asksElsewhere: boolean;
}

export function settingsOf({ deployment, container }: Process): Settings {
  const namespace = deployment.metadata.namespace ?? '';
  const flags = flagsOf(container, certManagerRules);
  const told = flags.last('cluster-resource-namespace');
  return {
    namespace,
    serviceAccount: deployment.metadata.name,
    clusterResourceNamespace: told === '' || told.startsWith('$(') ? namespace : told,
    asksElsewhere: flags.last('dns01-recursive-nameservers') !== '',
  };
}
