/** GatewayClass: names the controller and, by `spec.parametersRef`, the EnvoyProxy that shapes what it makes. */
import { defineCheck, fail, pass, refOf, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';

import {
  condition,
  conditionPath,
  conditionText,
  inItsWords,
  isStale,
  neverReconciled,
} from '../../models/conditions.ts';
import { mergePatch } from '../../models/patches.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { isNamed, tailnetGateways, type TailnetGateway } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

const namesOf = (objects: readonly KubeObject[]): string =>
  objects.map((object) => object.metadata.name).join(', ') || 'none';

export const exists = defineCheck({
  id: 'gatewayclass/exists',
  title: 'The GatewayClass that the Gateway names exists',
  why: 'A Gateway whose class does not exist belongs to no controller: nobody even writes its status.',
  needs: [envoyGateway.kindsInstalled],
  reads: topologyReads,
  commands: [
    sh`kubectl get gatewayclass`,
    sh`kubectl get gateway ${place(stack.gateway)} -o jsonpath='{.spec.gatewayClassName}'`,
  ],
  judge(values) {
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway that could name a class.');
    return found.map(({ gateway, gatewayClass }): Judgement => {
      const name = gateway.spec.gatewayClassName;
      if (gatewayClass !== undefined)
        return pass(`Gateway ${gateway.metadata.name} names GatewayClass ${name}, which exists.`);
      const isWrongName = name !== stack.gatewayClass.name && values.gatewayClasses.length > 0;
      const inGateway = {
        object: refOf(gateway),
        path: 'spec.gatewayClassName',
        observed: name,
        expected: stack.gatewayClass.name,
      };
      const inClass = {
        object: refTo('GatewayClass', { name }),
        path: 'metadata.name',
        observed: 'not found',
        expected: 'exists',
      };
      return fail({
        message: `Gateway ${gateway.metadata.namespace}/${gateway.metadata.name} names GatewayClass ${name}, which does not exist (there ${values.gatewayClasses.length === 1 ? 'is' : 'are'}: ${namesOf(values.gatewayClasses)}).`,
        evidence: isWrongName ? [inGateway] : [inClass],
        remedy: isWrongName
          ? {
              title: `Let the Gateway name ${stack.gatewayClass.name}.`,
              commands: [
                mergePatch('gateway', gateway.metadata, { spec: { gatewayClassName: stack.gatewayClass.name } }),
              ],
              disturbs: 'Envoy Gateway makes the Service and the Envoys anew; clients reconnect.',
            }
          : {
              title: 'Create the GatewayClass again from Git.',
              commands: [sh`kubectl apply -f infrastructure/gateway/gatewayclass.yaml`],
              disturbs: 'Nothing: Envoy Gateway takes the Gateway up again.',
            },
      });
    });
  },
});

/** The classes that the tailnet's Gateways use, each once. */
function classesInUse(found: readonly TailnetGateway[]): readonly KubeObject<'GatewayClass'>[] {
  return [...new Set(found.map(({ gatewayClass }) => gatewayClass).filter((used) => used !== undefined))];
}

export const parametersResolve = defineCheck({
  id: 'gatewayclass/parameters-resolve',
  title: 'The GatewayClass points at an EnvoyProxy that exists',
  why: 'Only the EnvoyProxy asks for a Service of the Tailscale Operator’s class; without it Envoy gets an ordinary load balancer, or none.',
  needs: [envoyGateway.kindsInstalled, exists],
  reads: topologyReads,
  commands: [
    sh`kubectl get gatewayclass -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.spec.parametersRef}{"\\n"}{end}'`,
    sh`kubectl get envoyproxy -A`,
  ],
  judge(values) {
    const found = tailnetGateways(values).filter(({ gatewayClass }) => gatewayClass !== undefined);
    if (found.length === 0) return skip('No Gateway has a class that could point anywhere.');
    return found.map((resolved) => judgeParameters(resolved, values.envoyProxies));
  },
});

function judgeParameters(
  { gateway, gatewayClass, parameters, envoyProxy }: TailnetGateway,
  all: readonly KubeObject<'EnvoyProxy'>[],
): Judgement {
  const wanted = `${stack.envoyProxy.namespace}/${stack.envoyProxy.name}`;
  const envoyProxyKind = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy' };
  const patch = (kind: string, named: { namespace?: string; name: string }, path: 'class' | 'gateway'): Shell =>
    path === 'class'
      ? mergePatch(kind, named, { spec: { parametersRef: { ...envoyProxyKind, ...stack.envoyProxy } } })
      : mergePatch(kind, named, {
          spec: { infrastructure: { parametersRef: { ...envoyProxyKind, name: stack.envoyProxy.name } } },
        });
  const disturbs = 'Envoy Gateway may make the Service anew; clients reconnect within a minute.';

  if (parameters === undefined) {
    const object = gatewayClass ?? gateway;
    return fail({
      message: `GatewayClass ${gateway.spec.gatewayClassName} has no spec.parametersRef, so Envoy Gateway asks for a Service without Tailscale’s class.`,
      evidence: [
        { object: refOf(object), path: 'spec.parametersRef', observed: null, expected: `EnvoyProxy ${wanted}` },
      ],
      remedy: {
        title: `Point the class at EnvoyProxy ${wanted}.`,
        commands: [patch('gatewayclass', { name: gateway.spec.gatewayClassName }, 'class')],
        disturbs,
      },
    });
  }
  const isEnvoyProxy = parameters.kind === 'EnvoyProxy' && parameters.group === 'gateway.envoyproxy.io';
  if (envoyProxy !== undefined && isEnvoyProxy) {
    return pass(
      `${parameters.namedBy.kind} ${parameters.namedBy.metadata.name} points at EnvoyProxy ${parameters.namespace}/${parameters.name}.`,
    );
  }
  const named = `${parameters.kind} ${parameters.namespace}/${parameters.name}`;
  // The reference is at fault when it differs from the stack's and there is an EnvoyProxy it could mean; else the object is missing.
  const isReference =
    !isEnvoyProxy ||
    (all.length > 0 &&
      !isNamed({ ...gateway, metadata: { name: parameters.name, namespace: parameters.namespace } }, stack.envoyProxy));
  const reference = {
    object: refOf(parameters.namedBy),
    path: parameters.path,
    observed: `${parameters.group}/${named}`,
    expected: `gateway.envoyproxy.io/EnvoyProxy ${wanted}`,
  };
  return fail({
    message: `${parameters.namedBy.kind} ${parameters.namedBy.metadata.name} points at ${isEnvoyProxy ? `${named}, which does not exist` : `${parameters.group || 'core'}/${named}, which Envoy Gateway does not take`}${all.length > 0 ? ` (there is ${all.map((one) => `${one.metadata.namespace}/${one.metadata.name}`).join(', ')})` : ''}.`,
    evidence: isReference
      ? [reference]
      : [{ object: refTo('EnvoyProxy', parameters), path: 'metadata.name', observed: 'not found', expected: 'exists' }],
    remedy: isReference
      ? {
          title: `Point it at EnvoyProxy ${wanted}.`,
          commands: [
            parameters.namedBy.kind === 'GatewayClass'
              ? patch('gatewayclass', { name: parameters.namedBy.metadata.name }, 'class')
              : patch('gateway', gateway.metadata, 'gateway'),
          ],
          disturbs,
        }
      : {
          title: 'Create the EnvoyProxy again from Git.',
          commands: [sh`kubectl apply -f infrastructure/gateway/envoyproxy.yaml`],
          disturbs,
        },
  });
}

export const accepted = defineCheck({
  id: 'gatewayclass/accepted',
  title: 'The GatewayClass is accepted by Envoy Gateway',
  why: 'A class that its controller does not accept makes every Gateway of it wait.',
  needs: [envoyGateway.kindsInstalled, envoyGateway.ready, exists, parametersResolve],
  reads: topologyReads,
  commands: [sh`kubectl get gatewayclass`],
  judge(values) {
    const used = classesInUse(tailnetGateways(values));
    if (used.length === 0) return skip('No Gateway has a class that could be accepted.');
    return used.map(judgeAccepted);
  },
});

function judgeAccepted(gatewayClass: KubeObject<'GatewayClass'>): Judgement {
  const name = gatewayClass.metadata.name;
  const found = condition(gatewayClass.status?.conditions, 'Accepted');
  const { controllerName } = gatewayClass.spec;
  if (found?.status === 'True' && !isStale(found, gatewayClass.metadata.generation)) {
    return pass(`GatewayClass ${name} is accepted by ${controllerName}.`);
  }
  const path = conditionPath('Accepted');
  if (controllerName !== stack.envoyGateway.controllerName && found?.status !== 'True') {
    return fail({
      message: `GatewayClass ${name} names the controller ${controllerName}, which is not Envoy Gateway (${stack.envoyGateway.controllerName}); nobody accepts it.`,
      evidence: [
        {
          object: refOf(gatewayClass),
          path: 'spec.controllerName',
          observed: controllerName,
          expected: stack.envoyGateway.controllerName,
        },
      ],
      remedy: {
        title: 'controllerName cannot be changed: delete the class and create it again from Git.',
        commands: [
          sh`kubectl delete gatewayclass ${name}`,
          sh`kubectl apply -f infrastructure/gateway/gatewayclass.yaml`,
        ],
        disturbs: 'Nothing that works now.',
      },
    });
  }
  if (isStale(found, gatewayClass.metadata.generation)) {
    return fail({
      message: `GatewayClass ${name} was changed and Envoy Gateway has not looked at it since: its status is about generation ${found?.observedGeneration}, the class is at ${gatewayClass.metadata.generation}.`,
      evidence: [
        {
          object: refOf(gatewayClass),
          path: `${path}.observedGeneration`,
          observed: found?.observedGeneration,
          expected: gatewayClass.metadata.generation,
        },
      ],
      remedy: controllerLog,
      explainedBy: [envoyGateway.ready.id],
    });
  }
  if (neverReconciled(found)) {
    return fail({
      message: `No controller has ever looked at GatewayClass ${name}, although it names Envoy Gateway.`,
      evidence: [{ object: refOf(gatewayClass), path, observed: conditionText(found), expected: 'True (Accepted)' }],
      remedy: controllerLog,
      explainedBy: [envoyGateway.ready.id],
    });
  }
  return fail({
    message: `Envoy Gateway does not accept GatewayClass ${name}: ${found?.reason ?? 'no reason given'}.${inItsWords(found)}`,
    evidence: [{ object: refOf(gatewayClass), path, observed: conditionText(found), expected: 'True (Accepted)' }],
    remedy:
      found?.reason === 'OlderGatewayClassExists'
        ? {
            title:
              'Envoy Gateway serves the oldest class that names it. Remove the other one, or give each controller a name of its own.',
            commands: [sh`kubectl get gatewayclass --sort-by=.metadata.creationTimestamp`],
            disturbs: 'Gateways of the class that you remove.',
          }
        : {
            title: 'Correct what the message names, usually the EnvoyProxy behind spec.parametersRef.',
            commands: [sh`kubectl describe gatewayclass ${name}`, sh`kubectl get envoyproxy -A -o yaml`],
            disturbs: 'Nothing: reading only.',
          },
  });
}

const controllerLog = {
  title: 'Read the controller’s log; if it says nothing about the object, restart it.',
  commands: [
    sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
    sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
  ],
  disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
};
