/** Tailnet resolver, the way to it: its Service on the tailnet, the proxy in front, the pods behind. [Tailscale Operator 1.92] */
import { flagsOf } from '../../../src/formats/container-flags.ts';
import { defineCheck, fail, nameOf, pass, refOf, refTo, skip } from '../../../src/runbook/check.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText, inItsWords } from '../../models/conditions.ts';
import { selectedPods } from '../../models/in-cluster-names.ts';
import {
  cronJobs,
  deployments,
  endpointSlices,
  pods,
  resolverConfig,
  statefulSets,
  topologyReads,
} from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { resolverOf } from '../../models/tailnet-resolver-objects.ts';
import { ingressHosts, isForTailscale, proxyOf } from '../../models/topology.ts';
import { isReady } from '../../models/pods.ts';
import { judgeWorkload, podsOf, workloadFindings } from '../../models/workloads.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';

const reads = {
  ...topologyReads,
  deployments: plain(deployments),
  cronJobs: plain(cronJobs),
  config: plain(resolverConfig),
};

const { namespace, name } = stack.tailnetResolver;
const showService = sh`kubectl get service -n ${namespace} ${name}`;
const notInstalled = 'The tailnet resolver is not installed.';
const noService = 'The resolver has no Service.';
const operatorLog = sh`kubectl logs -n ${stack.tailscaleOperator.namespace} -l app=operator --tail=200`;
const nothing = 'Nothing that works now.';

export const isExposed = defineCheck({
  id: 'tailnet-resolver/is-on-the-tailnet',
  title: 'The resolver’s Service has a tailnet address',
  why: 'That address is the nameserver in the tailnet’s DNS settings; without it every question for the domain times out.',
  needs: [tailscaleOperator.ready],
  reads,
  commands: [showService],
  judge(values) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const { service } = found;
    if (service === undefined) {
      return fail({
        message: `There is no Service ${namespace}/${name} to put the resolver on the tailnet.`,
        evidence: [
          {
            object: refTo('Service', { namespace, name }),
            path: 'metadata.name',
            observed: 'not found',
            expected: 'exists',
          },
        ],
        explainedBy: [],
        remedy: {
          title:
            'Create it again from Git; then look whether its address is still the one in the tailnet’s DNS settings.',
          commands: [sh`kubectl apply -f infrastructure/tailscale-dns/service.yaml`, showService],
          disturbs: nothing,
        },
      });
    }
    const isAnnotated = service.metadata.annotations?.['tailscale.com/expose'] === 'true';
    if (!isForTailscale(service) && !isAnnotated) {
      const { type, loadBalancerClass } = service.spec ?? {};
      // A resolver that is not meant for the tailnet, such as one that pods are forwarded to, has no class and no type for it.
      if (type !== 'LoadBalancer' && service.metadata.annotations?.['tailscale.com/hostname'] === undefined) {
        return skip(`Service ${nameOf(service)} is not meant to be on the tailnet by itself.`);
      }
      const isType = type !== 'LoadBalancer';
      return fail({
        message: `Service ${nameOf(service)} is ${isType ? `of type ${type ?? 'ClusterIP'}` : `a LoadBalancer ${loadBalancerClass === undefined ? 'without class' : `of class ${loadBalancerClass}`}`}, so the Tailscale Operator leaves it alone.`,
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
        explainedBy: [],
        remedy: {
          title: 'A Service’s class cannot be changed: delete it and create it from Git.',
          commands: [
            sh`kubectl delete service ${place(service.metadata)}`,
            sh`kubectl apply -f infrastructure/tailscale-dns/service.yaml`,
          ],
          disturbs:
            'Name resolution of the domain on the tailnet. The new device may get another address: correct it in the tailnet’s DNS settings.',
        },
      });
    }
    const hosts = ingressHosts(service);
    const says = condition(service.status?.conditions, 'TailscaleProxyReady');
    if (hosts.length > 0 && says?.status !== 'False') return pass(`The resolver is reached at ${hosts.join(' and ')}.`);
    return fail({
      message:
        says?.status === 'False'
          ? `The Tailscale Operator could not expose Service ${nameOf(service)}: ${says.reason ?? says.status}.${inItsWords(says)}`
          : `Service ${nameOf(service)} has no tailnet address: the Tailscale Operator has not written one.`,
      evidence: [
        says?.status === 'False'
          ? {
              object: refOf(service),
              path: conditionPath('TailscaleProxyReady'),
              observed: conditionText(says),
              expected: 'True',
            }
          : {
              object: refOf(service),
              path: 'status.loadBalancer.ingress',
              observed: [],
              expected: 'a tailnet IP and hostname',
            },
      ],
      remedy: {
        title: 'The operator’s log says what Tailscale refuses, or what it waits for.',
        commands: [operatorLog],
        disturbs: 'Nothing: reading only.',
      },
    });
  },
});

const disturbs = 'Name resolution of the domain on the tailnet, until the proxy is back.';

export const proxyForwards = defineCheck({
  id: 'tailnet-resolver/proxy-forwards',
  title: 'The resolver’s Tailscale proxy runs and forwards to its Service',
  why: 'Its pod is the nameserver that clients ask; it sends every packet to the ClusterIP that it was started with.',
  needs: [tailscaleOperator.ready, isExposed],
  reads: { ...reads, statefulSets: plain(statefulSets), pods: raw(pods) },
  commands: [
    sh`kubectl get statefulset -n ${stack.tailscaleOperator.namespace} -l tailscale.com/parent-resource=${name} -o yaml`,
  ],
  findings: workloadFindings({
    ...{ name: 'The tailnet resolver’s proxy', disturbs },
    explainedBy: () => [],
  }),
  judge(values, { find }) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const proxy = found.service && proxyOf(found.service, values.statefulSets);
    if (found.service === undefined || proxy === undefined)
      return skip('No StatefulSet is labelled as the resolver’s proxy.');
    const judged = judgeWorkload(proxy, values.pods, find, {});
    const target = proxy.spec?.template.spec?.containers
      .flatMap(({ env = [] }) => env)
      .find((variable) => variable.name === 'TS_DEST_IP')?.value;
    const clusterIps = found.service.spec?.clusterIPs ?? [found.service.spec?.clusterIP ?? ''];
    if (target === undefined || clusterIps.includes(target)) return judged;
    return fail({
      message: `The resolver’s proxy ${nameOf(proxy)} forwards to ${target}, and Service ${nameOf(found.service)} has ClusterIP ${clusterIps.join(', ')}.`,
      evidence: [
        {
          object: refOf(proxy),
          path: 'spec.template.spec.containers[*].env[?(@.name=="TS_DEST_IP")].value',
          observed: target,
          expected: clusterIps[0],
        },
      ],
      explainedBy: [],
      remedy: {
        title: 'Let the operator write the proxy anew: delete the StatefulSet.',
        commands: [sh`kubectl delete statefulset ${place(proxy.metadata)}`],
        disturbs,
      },
    });
  },
});

export const hasEndpoints = defineCheck({
  id: 'tailnet-resolver/has-endpoints',
  title: 'The resolver’s Service leads to the port on which it answers',
  why: 'Its selector and target port must fit the pods, and the port that the Corefile listens on.',
  needs: [tailscaleOperator.ready],
  reads: { ...reads, slices: plain(endpointSlices), pods: plain(pods) },
  commands: [
    sh`kubectl get endpointslice -n ${namespace} -l kubernetes.io/service-name=${name}`,
    sh`${showService} -o yaml`,
  ],
  judge(values) {
    const found = resolverOf(values);
    if (found === undefined) return skip(notInstalled);
    const { service, deployment, corefile } = found;
    if (service === undefined) return skip(noService);
    const selected = selectedPods(service, values.pods);
    const own = deployment === undefined ? [] : podsOf(deployment, values.pods);
    if (own.length > 0 && selected.length === 0 && Object.keys(service.spec?.selector ?? {}).length > 0) {
      return fail({
        message: `Service ${nameOf(service)} selects no pod of the resolver: no pod is labelled as its selector says.`,
        evidence: [
          {
            object: refOf(service),
            path: 'spec.selector',
            observed: service.spec?.selector,
            expected: deployment?.spec?.selector.matchLabels ?? 'the labels of the resolver’s pods',
          },
        ],
        explainedBy: [],
        remedy: {
          title: 'Select the resolver’s pods by the labels of its Deployment.',
          commands: [sh`kubectl edit service ${place(service.metadata)}`],
          disturbs: nothing,
        },
      });
    }
    // A flag may move every port that the Corefile leaves out.
    const isMoved = (deployment?.spec?.template.spec?.containers ?? []).some((container) =>
      flagsOf(container).has('dns.port'),
    );
    const listens = new Set(
      isMoved ? [] : (corefile?.blocks ?? []).flatMap(({ zones }) => zones.map(({ port }) => port)),
    );
    const containerPorts = selected.flatMap(({ spec }) => spec?.containers.flatMap(({ ports = [] }) => ports) ?? []);
    const wrong = (service.spec?.ports ?? [])
      .filter(({ port }) => port === 53)
      .map(({ targetPort = 53 }) => targetPort)
      .find((target) => {
        const number =
          typeof target === 'number' ? target : containerPorts.find((port) => port.name === target)?.containerPort;
        return number !== undefined && listens.size > 0 && !listens.has(number);
      });
    if (wrong !== undefined) {
      return fail({
        message: `Service ${nameOf(service)} leads port 53 to ${wrong}, and the Corefile listens on ${[...listens].join(', ')}: nobody answers.`,
        evidence: [
          {
            object: refOf(service),
            path: 'spec.ports[?(@.port==53)].targetPort',
            observed: wrong,
            expected: [...listens][0],
          },
        ],
        explainedBy: [],
        remedy: {
          title: 'Let the Service’s targetPort and the port in the Corefile’s server blocks agree.',
          commands: [sh`kubectl edit service ${place(service.metadata)}`],
          disturbs: nothing,
        },
      });
    }
    const slices = values.slices.filter(
      ({ metadata }) =>
        metadata.namespace === service.metadata.namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
    );
    const ready = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false);
    if (slices.length === 0 || ready.length > 0) return pass(`Service ${nameOf(service)} leads to the resolver.`);
    if (!selected.some(isReady)) return skip(`No pod behind Service ${nameOf(service)} is ready.`);
    return fail({
      message: `Service ${nameOf(service)} has no ready endpoint, though a pod that it selects is ready.`,
      evidence: [{ object: refOf(service), path: 'its ready endpoints', observed: 0, expected: 'at least 1' }],
      explainedBy: [],
      remedy: {
        title: 'Its events and its EndpointSlices say why.',
        commands: [sh`kubectl describe service ${place(service.metadata)}`],
        disturbs: 'Nothing: reading only.',
      },
    });
  },
});
