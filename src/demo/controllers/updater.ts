/**
 * The one script of the stack that changes the cluster: `infrastructure/tailscale-dns/cronjob.yaml` copies the Gateway's tailnet address
 * into the tailnet resolver's Corefile, as far as its ServiceAccount may.
 */
import { mayServiceAccount } from '../../../packages/apiserver/access/bindings.ts';
import { fieldsOf, list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from './cluster.ts';

type Say = (line: string) => void;

/** Does what the script does and returns its exit code; any other script ends well and does nothing. */
export function updateResolver(cluster: Cluster, pod: StoredObject, script: string, say: Say): number {
  const [, gatewayName = '', gatewayPlace = ''] = /kubectl get gateway (\S+) -n (\S+)/.exec(script) ?? [];
  const [, configName = '', configPlace = ''] = /kubectl get configmap (\S+) -n (\S+)/.exec(script) ?? [];
  if (gatewayName === '' || configName === '') return 0;
  const { namespace = '' } = pod.metadata;
  const account = text(pod, 'spec', 'serviceAccountName');
  const may = (verb: string, group: string, resource: string, place: string, name: string): boolean => {
    const target = { verb, group, resource, subresource: '', name, namespace: place };
    if (mayServiceAccount(cluster, { namespace, name: account }, target)) return true;
    const qualified = group === '' ? resource : `${resource}.${group}`;
    say(
      `Error from server (Forbidden): ${qualified} "${name}" is forbidden: User "system:serviceaccount:${namespace}:${account}" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${place}"`,
    );
    return false;
  };

  const isRead = may('get', kinds.Gateway.group, 'gateways', gatewayPlace, gatewayName);
  const gateway = isRead ? cluster.get(kinds.Gateway, gatewayPlace, gatewayName) : undefined;
  const address = list(gateway, 'status', 'addresses')
    .map((entry) => text(entry, 'value'))
    .find((value) => /^100\.\d+\.\d+\.\d+$/.test(value));
  if (address === undefined) {
    say(`Gateway ${gatewayPlace}/${gatewayName} has no tailnet address in its status; Corefile left as it is`);
    return 1;
  }
  if (!may('get', '', 'configmaps', configPlace, configName)) return 1;
  const config = cluster.get(kinds.ConfigMap, configPlace, configName);
  if (config === undefined) {
    say(`Error from server (NotFound): configmaps "${configName}" not found`);
    return 1;
  }
  const corefile = text(config, 'data', 'Corefile');
  const wanted = corefile.replace(/ IN A 100\.[0-9.]+/g, ` IN A ${address}`);
  if (wanted === corefile) {
    say(`unchanged: ${address}`);
    return 0;
  }
  if (!may('update', '', 'configmaps', configPlace, configName)) return 1;
  cluster.replace({ ...config, data: { ...fieldsOf(config, 'data'), Corefile: wanted } });
  say(`configmap/${configName} replaced`);
  say(`now: ${address}`);
  return 0;
}
