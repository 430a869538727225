/** Tailscale proxy: whether its device has the name that was asked for. */
import { defineCheck, nameOf, pass, refOf, skip, type Evidence } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import { exposedServices } from './tailscale-proxy.ts';

/** A device with the name that its Service asks for and the one that it has got. */
interface Device {
  service: KubeObject<'Service'>;
  wanted: string;
  /** With its tailnet. */
  got: string;
}

const labelOf = ({ got }: Device): string => got.split('.')[0] ?? got;

const evidence = (device: Device): readonly [Evidence] => [
  {
    object: refOf(device.service),
    path: 'status.loadBalancer.ingress[*].hostname',
    observed: device.got,
    expected: `${device.wanted}.${device.got.slice(labelOf(device).length + 1)}`,
  },
];

const look = ({ wanted }: Device) => sh`tailscale status | grep ${wanted}`;

export const deviceName = defineCheck({
  id: 'tailscale-proxy/has-its-name',
  title: 'The tailnet device has the name that was asked for',
  why: 'DNS records point at that name; a device that still holds it makes Tailscale append a number.',
  needs: [envoyproxy.asksForStableName],
  reads: topologyReads,
  commands: [
    sh`kubectl get service -A -o jsonpath='{range .items[?(@.spec.loadBalancerClass=="${stack.loadBalancerClass}")]}{.metadata.annotations.tailscale\\.com/hostname}{" is "}{.status.loadBalancer.ingress[*].hostname}{"\\n"}{end}'`,
  ],
  findings: {
    taken: finding<Device>({
      headline: 'The name {wanted} is held by another device',
      means: 'An old device of the tailnet still has the name, so Tailscale appended a number to the new one’s.',
      message: ({ got, wanted }) =>
        `The device is called ${got}, because another device on the tailnet still holds the name ${wanted}.`,
      evidence,
      remedies: (device) => [
        {
          title: `Remove the stale device ${device.wanted} on the Machines page of Tailscale’s admin console, then rename ${labelOf(device)} to ${device.wanted} there or let the proxy register anew. Do not write the number into Git.`,
          commands: [look(device)],
          disturbs: 'Nothing while the stale device is removed; clients look the name up again.',
        },
      ],
    }),
    other: finding<Device>({
      headline: 'The tailnet device is not called {wanted}',
      means: 'The device was renamed, or the Service asks for a new name that the device has not taken.',
      message: ({ got, service, wanted }) =>
        `The device is called ${got}, and Service ${nameOf(service)} asks for ${wanted}.`,
      evidence,
      remedies: (device) => [
        {
          title: 'Correct the annotation tailscale.com/hostname on the EnvoyProxy.',
          commands: [sh`kubectl edit envoyproxy -n ${stack.envoyProxy.namespace} ${stack.envoyProxy.name}`],
          disturbs: 'Nothing, if the name is the one that the device has.',
        },
        {
          title: 'Rename the device in Tailscale’s admin console.',
          commands: [look(device)],
          disturbs: 'Clients look the name up again.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const devices = exposedServices(values).flatMap(devicesOf);
    if (devices.length === 0) return skip('No Service asks for a device name and has got one yet.');
    return devices.map((device) => {
      const label = labelOf(device);
      if (label === device.wanted) return pass(`The device is called ${device.got}.`);
      const isNumbered = label.startsWith(`${device.wanted}-`) && /^\d+$/.test(label.slice(device.wanted.length + 1));
      return isNumbered ? find.taken(device) : find.other(device);
    });
  },
});

function devicesOf(service: KubeObject<'Service'>): readonly Device[] {
  const wanted = service.metadata.annotations?.['tailscale.com/hostname'];
  const got = service.status?.loadBalancer?.ingress
    ?.map(({ hostname }) => hostname)
    .find((hostname) => hostname !== undefined);
  return wanted === undefined || got === undefined ? [] : [{ service, wanted, got }];
}
