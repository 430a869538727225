/** What cert-manager is told by its arguments. */
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

export function settingsOf({ deployment, args }: Process): Settings {
  const namespace = deployment.metadata.namespace ?? '';
  const told = args.map((arg) => /^--cluster-resource-namespace=(.+)$/.exec(arg)?.[1]).find((one) => one !== undefined);
  return {
    namespace,
    serviceAccount: deployment.metadata.name,
    clusterResourceNamespace: told === undefined || told.startsWith('$(') ? namespace : told,
    asksElsewhere: args.some((arg) => /^--dns01-recursive-nameservers=./.test(arg)),
  };
}
