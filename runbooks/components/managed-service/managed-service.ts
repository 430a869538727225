/** Managed Service: what Envoy Gateway puts in front of Envoy, and the Tailscale Operator exposes on the tailnet. */
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  skip,
  type Check,
  type Judgement,
} from '../../../src/runbook/check.ts';

import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText, inItsWords } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressHosts, isForTailscale, requestedService, tailnetGateways } from '../../models/topology.ts';
import * as certificate from '../certificate/certificate.ts';
import { mayBeReferenced } from '../certificate/reference.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';

const managedServices = sh`kubectl get service -A -l app.kubernetes.io/managed-by=envoy-gateway`;

/** What keeps Envoy Gateway from making anything. */
const makerNeeds: readonly Check[] = [envoyGateway.ready, gatewayclass.exists, gatewayclass.accepted];

export const exists = defineCheck({
  id: 'managed-service/exists',
  title: 'Envoy Gateway has made a Service for the Gateway',
  why: 'The Gateway takes its address from this Service.',
  needs: [...makerNeeds, certificate.ready, mayBeReferenced],
  reads: topologyReads,
  commands: [managedServices],
  judge(values) {
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway to make a Service for.');
    return found.map(({ gateway, services }): Judgement => {
      if (services.length > 0)
        return pass(`Gateway ${gateway.metadata.name} has Service ${services.map(nameOf).join(', ')}.`);
      return fail({
        message: `No Service is labelled as Gateway ${nameOf(gateway)}’s own: Envoy Gateway has not made one.`,
        evidence: [
          {
            object: refOf(gateway),
            path: 'the Service labelled gateway.envoyproxy.io/owning-gateway-name',
            observed: 'not found',
            expected: `one in ${stack.envoyGateway.namespace}`,
          },
        ],
        commands: [managedServices],
        remedy: {
          title:
            'Envoy Gateway makes it again when it next looks at the Gateway; its log says what keeps it from that.',
          commands: [
            sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
            sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
          ],
          disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
        },
        // For a Gateway none of whose listeners is valid Envoy Gateway makes nothing [1.9]; else the certificate is no reason.
        ...(hasValidListener(gateway) ? { explainedBy: makerNeeds.map(({ id }) => id) } : {}),
      });
    });
  },
});

const hasValidListener = ({ status }: KubeObject<'Gateway'>): boolean =>
  (status?.listeners ?? []).some(({ conditions }) => condition(conditions, 'Programmed')?.status === 'True');

export const isOfTailscalesClass = defineCheck({
  id: 'managed-service/is-of-tailscales-class',
  title: 'That Service is a LoadBalancer of Tailscale’s class',
  why: 'A Service keeps the class that it was made with, whatever the EnvoyProxy says later.',
  needs: [gatewayclass.parametersResolve, envoyproxy.asksForTailscale, exists],
  reads: topologyReads,
  commands: [
    sh`${managedServices} -o custom-columns=NAME:.metadata.name,TYPE:.spec.type,CLASS:.spec.loadBalancerClass`,
  ],
  judge(values) {
    const found = tailnetGateways(values).flatMap(({ envoyProxy, services }) =>
      services.map((service) => ({ envoyProxy, service })),
    );
    if (found.length === 0) return skip('There is no Service to look at.');
    return found.map(({ envoyProxy, service }): Judgement => {
      if (isForTailscale(service))
        return pass(`Service ${nameOf(service)} is a LoadBalancer of class ${stack.loadBalancerClass}.`);
      const { type, loadBalancerClass } = service.spec ?? {};
      const isType = type !== 'LoadBalancer';
      const asked = requestedService(envoyProxy);
      const isAsked = asked.type === 'LoadBalancer' && asked.loadBalancerClass === stack.loadBalancerClass;
      return fail({
        message: `Service ${nameOf(service)} is ${isType ? `of type ${type}` : `a LoadBalancer ${loadBalancerClass ? `of class ${loadBalancerClass}` : 'without class'}`}, so the Tailscale Operator leaves it alone${isAsked ? '; it was made before the EnvoyProxy asked for Tailscale’s class' : ''}.`,
        evidence: [
          isType
            ? { object: refOf(service), path: 'spec.type', observed: type, expected: 'LoadBalancer' }
            : {
                object: refOf(service),
                path: 'spec.loadBalancerClass',
                observed: loadBalancerClass,
                expected: stack.loadBalancerClass,
              },
        ],
        remedy: {
          title:
            'A Service’s class cannot be changed: delete the Service, and Envoy Gateway makes it anew as the EnvoyProxy asks.',
          commands: [sh`kubectl delete service ${place(service.metadata)}`],
          disturbs: 'The Gateway is unreachable until the new Service has its tailnet address, about a minute.',
        },
      });
    });
  },
});

export const proxyReady = defineCheck({
  id: 'managed-service/is-exposed',
  title: 'The Tailscale Operator has exposed that Service',
  why: 'The operator reports here what Tailscale refuses: credentials, tags, access rules.',
  needs: [isOfTailscalesClass, tailscaleOperator.ready, tailscaleProxy.ready],
  reads: topologyReads,
  commands: [sh`kubectl describe service -A -l app.kubernetes.io/managed-by=envoy-gateway`],
  judge(values) {
    const exposed = tailscaleProxy.exposedServices(values);
    if (exposed.length === 0) return skip('No Service of Tailscale’s class stands in front of Envoy.');
    return exposed.map((service): Judgement => {
      const found = condition(service.status?.conditions, 'TailscaleProxyReady');
      const path = conditionPath('TailscaleProxyReady');
      if (found?.status === 'True') return pass(`The operator says of Service ${nameOf(service)}: ${found.reason}.`);
      const operatorLog = sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l app=operator --tail=200`;
      if (found === undefined) {
        if (ingressHosts(service).length > 0) {
          return pass(
            `Service ${nameOf(service)} has a tailnet address; this version of the operator writes no condition.`,
          );
        }
        return fail({
          message: `The Tailscale Operator has not taken Service ${nameOf(service)}: it carries neither the operator’s condition nor its finalizer.`,
          evidence: [
            { object: refOf(service), path, observed: conditionText(found), expected: 'True' },
            {
              object: refOf(service),
              path: 'metadata.finalizers',
              observed: service.metadata.finalizers ?? [],
              expected: 'tailscale.com/finalizer',
            },
          ],
          remedy: {
            title: 'The operator runs and does not watch this Service: its log says why; restart it.',
            commands: [
              operatorLog,
              sh`kubectl rollout restart deployment -n ${stack.tailscaleOperator.namespace} ${stack.tailscaleOperator.deployment}`,
            ],
            disturbs: 'Nothing: proxies keep forwarding while the operator restarts.',
          },
        });
      }
      const isRefused = found.reason === 'ProxyFailed' || found.reason === 'ProxyInvalid';
      return fail({
        message: `The Tailscale Operator could not expose Service ${nameOf(service)}: ${found.reason ?? found.status}.${inItsWords(found)}`,
        evidence: [{ object: refOf(service), path, observed: conditionText(found), expected: 'True' }],
        commands: [operatorLog],
        remedy: isRefused
          ? {
              title: `Mend what the message names. The operator’s OAuth client needs the scopes Devices and Auth Keys, and its tag must own ${service.metadata.annotations?.['tailscale.com/tags'] ?? stack.device.tag} in the tailnet policy’s tagOwners.`,
              commands: [operatorLog, sh`kubectl get externalsecret -n ${stack.tailscaleOperator.namespace}`],
              disturbs: 'Nothing: the operator tries again by itself.',
            }
          : {
              title:
                'The proxy has not logged in to the tailnet yet. Its log says what it waits for: often approval of the device, or an expired auth key.',
              commands: [
                sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l tailscale.com/parent-resource=${service.metadata.name} --tail=100`,
              ],
              disturbs: 'Nothing: reading only.',
            },
      });
    });
  },
});

export const hasAddress = defineCheck({
  id: 'managed-service/has-address',
  title: 'That Service has a tailnet address',
  why: 'The Gateway is programmed only once its Service can be reached somewhere.',
  needs: [isOfTailscalesClass, tailscaleOperator.ready, tailscaleProxy.ready, proxyReady],
  reads: topologyReads,
  commands: [managedServices],
  judge(values) {
    const exposed = tailscaleProxy.exposedServices(values);
    if (exposed.length === 0) return skip('No Service of Tailscale’s class stands in front of Envoy.');
    return exposed.map((service): Judgement => {
      const hosts = ingressHosts(service);
      if (hosts.length > 0) return pass(`Service ${nameOf(service)} is reached at ${hosts.join(' and ')}.`);
      return fail({
        message: `Service ${nameOf(service)} has no address: the Tailscale Operator has not written one.`,
        evidence: [
          {
            object: refOf(service),
            path: 'status.loadBalancer.ingress',
            observed: [],
            expected: 'a tailnet IP and hostname',
          },
        ],
        remedy: {
          title: 'The operator’s log and the proxy’s say why.',
          commands: [
            sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l app=operator --tail=200`,
            sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l tailscale.com/parent-resource=${service.metadata.name} --tail=100`,
          ],
          disturbs: 'Nothing: reading only.',
        },
      });
    });
  },
});
