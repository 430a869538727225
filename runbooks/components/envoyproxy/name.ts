/** EnvoyProxy: whether the device on the tailnet has a name that stays. */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find, type Finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';

import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { hasHandmadeRecords } from '../../parts.ts';
import { ingressOf, requestedService } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import { asksForTailscale } from './request.ts';
import { changeService, noEnvoyProxy, servicePath, shapedGateways, type EnvoyProxy, type Shaped } from './service.ts';

const hostnameAnnotation = 'tailscale.com/hostname';
const namePath = `${servicePath}.annotations["${hostnameAnnotation}"]`;

/** A device that nobody named, and that DNS records are to lead to. */
interface Nameless {
  gateway: KubeObject<'Gateway'>;
  envoyProxy: EnvoyProxy;
  /** Where the records lead, and the first label of that. */
  target: string;
  device: string;
  /** The Gateway's annotation that says so; none where the records are made by hand. */
  key: string | undefined;
  /** What the device is called now. */
  hosts: readonly string[];
}

/** What is alike in all devices without a name of their own. */
const aboutNameless: Pick<Finding<Nameless>, 'evidence' | 'remedies'> = {
  evidence: ({ gateway, envoyProxy, target, device, key }) => [
    { object: refOf(envoyProxy), path: namePath, observed: 'absent', expected: device },
    ...(key === undefined
      ? []
      : [
          {
            object: refOf(gateway),
            path: `metadata.annotations["${key}"]`,
            observed: target,
            expected: 'the name that the EnvoyProxy asks for',
          },
        ]),
  ],
  remedies: ({ envoyProxy, device }) => [
    {
      title: `Ask for the name ${device} in the EnvoyProxy: the Tailscale Operator then renames the device.`,
      change: { object: refOf(envoyProxy), path: namePath, to: device },
      commands: [changeService(envoyProxy, { annotations: { [hostnameAnnotation]: device } })],
      disturbs: 'The proxy restarts under its new name: the Gateway is unreachable for about a minute.',
    },
  ],
};

const findings = {
  otherName: finding<Nameless>({
    headline: 'The device of Gateway {gateway} is not called {device}',
    means:
      'The EnvoyProxy asks for no device name, so the Tailscale Operator made one up. DNS records lead to another.',
    message: ({ envoyProxy, hosts, target }) =>
      `EnvoyProxy ${nameOf(envoyProxy)} asks for no device name, so the Tailscale Operator called it ${hosts.join(', ')}, while DNS records lead to ${target}.`,
    ...aboutNameless,
  }),
  mayChange: finding<Nameless>({
    headline: 'Gateway {gateway} may lose the device name {device}',
    means:
      'The EnvoyProxy asks for no device name, and the one that the Tailscale Operator made up changes with the Service.',
    outcome: 'warned',
    message: ({ envoyProxy, target }) =>
      `EnvoyProxy ${nameOf(envoyProxy)} asks for no device name: once Envoy Gateway makes the Service anew, the device is called otherwise than ${target}, where DNS records lead.`,
    ...aboutNameless,
  }),
};

export const asksForStableName = defineCheck({
  id: 'envoyproxy/asks-for-a-stable-name',
  title: 'The EnvoyProxy asks for a device name of its own',
  why: 'Without one the Tailscale Operator makes the name up from the Service’s, and DNS records lead to a name that is not there.',
  needs: [envoyGateway.kindsInstalled, gatewayclass.parametersResolve, asksForTailscale],
  reads: topologyReads,
  commands: [sh`kubectl get envoyproxy ${place(stack.envoyProxy)} -o jsonpath='{.${servicePath}.annotations}'`],
  findings,
  judge(values, { find }) {
    const shaped = shapedGateways(values);
    return isNone(shaped) ? skip(noEnvoyProxy) : eachOf(shaped, (one) => judgeName(one, find));
  },
});

function judgeName(shaped: Shaped, find: Find<typeof findings>): Judgement {
  const { gateway, envoyProxy, services } = shaped;
  const named = nameFor(shaped);
  if (named !== undefined) return pass(`The device of Gateway ${gateway.metadata.name} is to be called ${named}.`);
  // Only where something relies on the name does it matter that it can change.
  const record = recordOf(gateway);
  if (record === undefined)
    return pass(`EnvoyProxy ${nameOf(envoyProxy)} asks for no device name, and no DNS record is to lead to one.`);
  const hosts = services.flatMap(ingressOf).flatMap(({ hostname }) => (hostname === undefined ? [] : [hostname]));
  const nameless = { gateway, envoyProxy, hosts, ...record };
  return hosts.length > 0 && !hosts.includes(record.target) ? find.otherName(nameless) : find.mayChange(nameless);
}

/** The name that somebody asks for. Envoy Gateway copies a Gateway's infrastructure annotations to the Service too. */
const nameFor = ({ gateway, envoyProxy, services }: Shaped): string | undefined =>
  requestedService(envoyProxy).annotations[hostnameAnnotation] ??
  gateway.spec.infrastructure?.annotations?.[hostnameAnnotation] ??
  services.map(({ metadata }) => metadata.annotations?.[hostnameAnnotation]).find((own) => own !== undefined);

/** Where records that somebody made lead: to the device that the stack file names. */
const handmade = { key: undefined, target: `${stack.device.name}.${stack.tailnet}`, device: stack.device.name };

/** The name on the tailnet that DNS records of a Gateway are to lead to. */
function recordOf({ metadata }: KubeObject<'Gateway'>): Pick<Nameless, 'key' | 'target' | 'device'> | undefined {
  const found = Object.entries(metadata.annotations ?? {}).find(
    ([key, host]) => /^external-dns\..*\/target$/.test(key) && host.endsWith('.ts.net'),
  );
  if (found === undefined) return hasHandmadeRecords ? handmade : undefined;
  const [key, target] = found;
  return { key, target, device: target.split('.')[0] ?? target };
}
