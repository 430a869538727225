/** Managed Service: whether the Tailscale Operator has made a device of it, and what it says where it has not. */
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { ingressHosts, type Topology } from '../../models/topology.ts';
import { stack } from '#stack';
import { has } from '../../parts.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';
import { isOfTailscalesClass } from './class.ts';

type Service = KubeObject<'Service'>;

/** Judges each Service of Tailscale's class by itself. */
export function eachExposed(
  values: Topology,
  judge: (service: Service) => Judgement,
): Judgement | readonly Judgement[] {
  const exposed = tailscaleProxy.exposedServices(values);
  return exposed.length === 0 ? skip('No Service of Tailscale’s class stands in front of Envoy.') : exposed.map(judge);
}

const { namespace, deployment } = stack.tailscaleOperator;
export const operatorLog = sh`kubectl logs -n ${namespace} -l app=operator --tail=200`;
export const proxyLog = ({ metadata }: Service): Shell =>
  sh`kubectl logs -n ${namespace} -l tailscale.com/parent-resource=${metadata.name} --tail=100`;

/** What the operator wrote into the Service's status. */
interface Refused {
  service: Service;
  found: Condition;
}

/** What is alike in all that the operator may say. */
const aboutRefusal = {
  message: ({ service, found }: Refused) =>
    `The Tailscale Operator could not expose Service ${nameOf(service)}: ${found.reason ?? found.status}.`,
  quote: ({ found }: Refused) => saidIn(found, 'the Tailscale Operator, in the Service’s status'),
  evidence: ({ service, found }: Refused) => [saysOfProxy(service, found)] as const,
  commands: () => [operatorLog],
};

const saysOfProxy = (service: Service, found: Condition | undefined): Evidence =>
  conditionEvidence(service, 'TailscaleProxyReady', found, 'True');

const triesAgain = 'Nothing: the operator tries again by itself.';
export const reading = 'Nothing: reading only.';

export const proxyReady = defineCheck({
  id: 'managed-service/is-exposed',
  title: 'The Tailscale Operator has exposed that Service',
  why: 'The operator reports here what Tailscale refuses: credentials, tags, access rules.',
  needs: [isOfTailscalesClass, tailscaleOperator.ready, tailscaleProxy.ready],
  reads: topologyReads,
  commands: [sh`kubectl describe service -A -l app.kubernetes.io/managed-by=envoy-gateway`],
  findings: {
    notTaken: finding<{ service: Service }>({
      headline: 'The Tailscale Operator has not taken Service {service}',
      means: 'The operator runs, and left no trace on the Service: it does not watch it.',
      message: ({ service }) =>
        `The Tailscale Operator has not taken Service ${nameOf(service)}: it carries neither the operator’s condition nor its finalizer.`,
      evidence: ({ service }) => [
        saysOfProxy(service, undefined),
        {
          object: refOf(service),
          path: 'metadata.finalizers',
          observed: service.metadata.finalizers ?? [],
          expected: 'tailscale.com/finalizer',
        },
      ],
      remedies: () => [
        {
          title: 'Restart the operator: it looks at every Service again.',
          commands: [sh`kubectl rollout restart deployment -n ${namespace} ${deployment}`],
          disturbs: 'Nothing: proxies keep forwarding while the operator restarts.',
        },
        { title: 'Read the operator’s log: it says why.', commands: [operatorLog], disturbs: reading },
      ],
    }),
    refused: finding<Refused>({
      headline: 'The Tailscale Operator cannot expose Service {service}',
      means:
        'The operator tried to make a device of the Service, and failed: mostly because Tailscale refuses the tag, or the credentials.',
      ...aboutRefusal,
      remedies: ({ service }) => [
        {
          title: `Let the operator’s tag own ${service.metadata.annotations?.['tailscale.com/tags'] ?? stack.device.tag} in the tagOwners of the tailnet policy.`,
          commands: [operatorLog],
          disturbs: triesAgain,
        },
        {
          title: 'Give the operator’s OAuth client the scopes Devices and Auth Keys.',
          commands: [has('externalSecrets') ? sh`kubectl get externalsecret -n ${namespace}` : operatorLog],
          disturbs: triesAgain,
        },
      ],
    }),
    // [Tailscale Operator 1.92: ProxyInvalid is about the Service's own annotations]
    invalid: finding<Refused>({
      headline: 'The Tailscale Operator takes Service {service} for invalid',
      means: 'The Service asks for what the operator cannot give, mostly in an annotation, so no proxy is made.',
      ...aboutRefusal,
      remedies: ({ service }) => [
        {
          title:
            'Correct the annotation that the operator names, in the EnvoyProxy: Envoy Gateway writes it into the Service.',
          commands: [sh`kubectl get service ${place(service.metadata)} -o jsonpath='{.metadata.annotations}'`],
          disturbs: triesAgain,
        },
      ],
    }),
    pending: finding<Refused>({
      headline: 'The proxy of Service {service} has not logged in',
      means: 'The proxy runs and is no device of the tailnet yet.',
      ...aboutRefusal,
      remedies: ({ service }) => [
        {
          title:
            'Read in the proxy’s log what it waits for, and give it that: often the approval of the device, or a new auth key.',
          commands: [proxyLog(service)],
          disturbs: reading,
        },
      ],
    }),
  },
  judge: (values, { find }) =>
    eachExposed(values, (service) => {
      const found = condition(service.status?.conditions, 'TailscaleProxyReady');
      if (found?.status === 'True') return pass(`The operator says of Service ${nameOf(service)}: ${found.reason}.`);
      if (found !== undefined) return find[refusalOf(found)]({ service, found });
      return ingressHosts(service).length > 0
        ? pass(`Service ${nameOf(service)} has a tailnet address; this version of the operator writes no condition.`)
        : find.notTaken({ service });
    }),
});

/** What the operator means by a reason. */
function refusalOf({ reason }: Condition): 'refused' | 'invalid' | 'pending' {
  if (reason === 'ProxyFailed') return 'refused';
  return reason === 'ProxyInvalid' ? 'invalid' : 'pending';
}
