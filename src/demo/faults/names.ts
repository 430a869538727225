/** Faults of names on the tailnet and in public DNS. */
import { defineFault, type FaultOf } from '../fault.ts';
import { tailnetAddress } from '../addresses.ts';
import { externalDnsArguments, externalDnsContainer, prefix } from '../objects/external-dns.ts';
import { deviceName } from '../objects/tailscale.ts';
import { hostnamePattern } from '../objects/tailnet-resolver.ts';
import {
  externalDns,
  gateway,
  gatewayDevice,
  handmadeName,
  lastExposedApp,
  merge,
  mergeContainer,
  placeOf,
  remove,
  resolverFiles,
  splitHorizonApp,
  updaterRight,
} from './roles.ts';
import { partOf } from '../part.ts';

/** The address that the Gateway's device has after it registered anew. */
const newAddress = '100.101.102.110';

export const nameFaults: readonly FaultOf[] = [
  // A letter was lost in an edit of the arguments: no route satisfies the filter, and with --policy=sync every record was deleted.
  defineFault({
    id: 'annotation-filter-typo',
    title: 'ExternalDNS filters for an annotation that no route carries',
    component: 'external-dns',
    runbook: 'dns-record-missing',
    rootCause: 'external-dns/watches-routes#filtered-out',
    since: '40m',
    needs: { externalDns, lastExposedApp },
    cause: (cast, stack) => ({
      changes: [
        mergeContainer(cast.externalDns, () =>
          externalDnsContainer(
            stack,
            externalDnsArguments(stack).map((argument) => argument.replace('/expose=true', '/expse=true')),
          ),
        ),
      ],
    }),
  }),
  // An upgrade to 0.22 without --annotation-prefix: the new default does not see the Gateway's target, and A records replace the CNAMEs.
  defineFault({
    id: 'external-dns-prefix-changed',
    title: 'ExternalDNS 0.22 no longer sees the Gateway’s target annotation',
    component: 'external-dns',
    runbook: 'dns-record-missing',
    rootCause: 'external-dns/annotation-prefix#unread',
    since: '40m',
    needs: { externalDns, gateway },
    cause: (cast, stack) => ({
      changes: [
        mergeContainer(cast.externalDns, () =>
          externalDnsContainer(
            stack,
            externalDnsArguments(stack).filter((argument) => !argument.startsWith('--annotation-prefix=')),
          ),
        ),
      ],
    }),
  }),
  // Somebody wrote "yes" where the filter asks for "true".
  defineFault({
    id: 'expose-annotation-misspelt',
    title: 'One route’s expose annotation says something else than the filter asks for',
    component: 'external-dns',
    runbook: 'dns-record-missing',
    rootCause: 'external-dns/routes-yield-records#annotation-differs',
    since: '40m',
    needs: { externalDns, lastExposedApp },
    cause: (cast) => ({
      changes: [merge(cast.lastExposedApp.route, { metadata: { annotations: { [`${prefix}expose`]: 'yes' } } })],
    }),
  }),
  // The cluster was rebuilt, the device took a number, somebody wrote it into the annotation, and later the stale device was removed.
  defineFault({
    id: 'target-annotation-stale',
    title: 'The Gateway’s target annotation names a device that is gone',
    component: 'external-dns',
    runbook: 'dns-record-missing',
    rootCause: 'external-dns/target-is-the-device#other-device',
    since: '40m',
    needs: { externalDns, gateway },
    cause: (cast, stack) => ({
      changes: [
        merge(cast.gateway, {
          metadata: { annotations: { [`${prefix}target`]: deviceName(stack, `${stack.device.name}-1`) } },
        }),
      ],
    }),
  }),
  // The route was copied from another app, with the one line that does not belong there.
  defineFault({
    id: 'split-route-exposed',
    title: 'The split-horizon route asks for a public record',
    component: 'external-dns',
    runbook: 'split-horizon-dns',
    rootCause: 'external-dns/leaves-split-horizon-alone#asked',
    since: '40m',
    needs: { externalDns, splitHorizonApp },
    cause: (cast) => ({
      changes: [merge(cast.splitHorizonApp.route, { metadata: { annotations: { [`${prefix}expose`]: 'true' } } })],
    }),
  }),
  // Somebody pointed the public record into the tailnet by hand, to try something out. Nobody put it back.
  defineFault({
    id: 'public-record-into-tailnet',
    title: 'The public record of the split-horizon hostname leads into the tailnet',
    component: 'cloudflare-dns',
    runbook: 'request-path',
    rootCause: 'cloudflare-dns/has-the-right-record#leads-into-tailnet',
    since: '40m',
    needs: { splitHorizonApp },
    cause: (_cast, stack) => {
      const { hostname } = partOf(stack, 'splitHorizon');
      return {
        world: { publicRecords: { [hostname]: [{ type: 'CNAME', data: deviceName(stack, stack.device.name) }] } },
        mend: `Set the record of ${hostname} at Cloudflare back to the public site.`,
      };
    },
  }),
  // The cluster was rebuilt, and its device took a number, which somebody wrote into the record. Later the device got its name back.
  defineFault({
    id: 'handmade-record-stale',
    title: 'A record made by hand leads to a device that is gone',
    component: 'cloudflare-dns',
    runbook: 'request-path',
    rootCause: 'cloudflare-dns/has-the-right-record#record-of-others',
    since: '40m',
    needs: { handmadeName },
    cause: ({ handmadeName: { app } }, stack) => ({
      world: {
        publicRecords: { [app.hostname]: [{ type: 'CNAME', data: deviceName(stack, `${stack.device.name}-1`) }] },
      },
      mend: `Point the record of ${app.hostname} at ${deviceName(stack, stack.device.name)} again.`,
    }),
  }),
  // Somebody tidied up the tailnet's DNS settings: nobody sends the domain to the resolver in the cluster any more.
  defineFault({
    id: 'dns-not-split',
    title: 'MagicDNS does not ask the tailnet resolver for the domain',
    component: 'client',
    runbook: 'request-path',
    rootCause: 'client/asks-the-tailnet-resolver#resolver-not-asked',
    since: '40m',
    needs: { resolverFiles },
    cause: (_cast, { domain }) => ({
      world: { splitDns: false },
      mend: `Add the tailnet resolver to the DNS page of Tailscale's admin console again, as nameserver of ${domain}.`,
    }),
  }),
  // The resolver as it is often written first: only A is its own, everything else comes from public DNS.
  defineFault({
    id: 'resolver-leaks-aaaa',
    title: 'The tailnet resolver forwards AAAA and HTTPS questions',
    component: 'tailnet-resolver',
    runbook: 'split-horizon-dns',
    rootCause: 'tailnet-resolver/keeps-every-type#leaks',
    since: '40m',
    needs: { resolverFiles, splitHorizonApp },
    cause: (cast, { domain }) => {
      const block = `${domain}:1053 {
    errors
    health :8080
    ready :8181
    template IN A ${domain} {
        match ${hostnamePattern(domain)}
        answer "{{ .Name }} 60 IN A ${tailnetAddress.gateway}"
        fallthrough
    }
    forward . 1.1.1.1 1.0.0.1
    cache 60
    reload 15s
}
`;
      return { changes: [merge(cast.resolverFiles, { data: { Corefile: block } })] };
    },
  }),
  // The device registered anew and has another address. The updater writes it, and Git puts the old Corefile back each time.
  defineFault({
    id: 'resolver-old-address',
    title: 'The tailnet resolver answers with an address that the Gateway no longer has',
    component: 'tailnet-resolver',
    runbook: 'split-horizon-dns',
    rootCause: 'tailnet-resolver/holds-the-gateways-address#wrong-address',
    since: '40m',
    needs: { resolverFiles, gatewayDevice },
    cause: (cast, { device }) => ({
      world: {
        tailscale: { addresses: { [device.name]: newAddress } },
        restoredFromGit: [placeOf(cast.resolverFiles)],
      },
      mend: `Let whatever applies Git leave data.Corefile of ConfigMap ${placeOf(cast.resolverFiles)} alone.`,
      changes: [remove(cast.gatewayDevice)],
    }),
  }),
  // The RoleBinding beside the Gateway was tidied away. Since then the device has registered anew, with another address.
  defineFault({
    id: 'updater-failing',
    title: 'The updater of the resolver’s address may not read the Gateway',
    component: 'tailnet-resolver',
    runbook: 'split-horizon-dns',
    rootCause: 'tailnet-resolver/updater-succeeds#run-failed',
    since: '12m',
    needs: { updaterRight, gatewayDevice },
    cause: (cast, { device }) => ({
      world: { tailscale: { addresses: { [device.name]: newAddress } } },
      changes: [remove(cast.updaterRight), remove(cast.gatewayDevice)],
    }),
  }),
];
