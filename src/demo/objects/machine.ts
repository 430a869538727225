/** The machine, and what every cluster has before anything is installed. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ifThere } from '../part.ts';
import { ago, created, namespace } from './build/basics.ts';
import { servicePort } from './build/services.ts';

const quantities = (storage: string, memory: string): Fields => ({
  cpu: '12',
  'ephemeral-storage': storage,
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory,
  pods: '110',
});

/** What the kubelet says of its node: since when, and of which kind of trouble there is none. */
const told = [
  ['MemoryPressure', 'False', '120d', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', '120d', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', '120d', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', '33d', 'KubeletReady', 'kubelet is posting ready status'],
] as const;

/** The network's word on it. Whether another CNI has one, and in which words, is its own affair. */
const networkIsUp = ['NetworkUnavailable', 'False', '33d', 'CiliumIsUp', 'Cilium is running on this node'] as const;

const conditions = (stack: Stack): readonly Fields[] =>
  [...ifThere(stack, 'cilium', () => [networkIsUp]), ...told].map(([type, status, since, reason, message]) => ({
    type,
    status,
    lastHeartbeatTime: ago('2m'),
    lastTransitionTime: ago(since),
    reason,
    message,
  }));

/** Where the cluster's own parts are, and where somebody put what has no namespace of its own making. */
const namespaces = ({ gateway, envoyProxy, certificate, coredns, cilium }: Stack): readonly string[] => [
  ...['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  ...[gateway, envoyProxy, certificate, coredns, ...(cilium === null ? [] : [cilium])].map(({ namespace: own }) => own),
];

export const machine = (stack: Stack): readonly KubernetesObject[] => {
  const { name, address } = stack.node;
  return [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        ...created('120d'),
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'node-role.kubernetes.io/control-plane': '',
        },
        annotations: {
          'node.alpha.kubernetes.io/ttl': '0',
          'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        },
      },
      spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] },
      status: {
        addresses: [
          { type: 'InternalIP', address },
          { type: 'Hostname', address: name },
        ],
        capacity: quantities('479079112Ki', '32727880Ki'),
        allocatable: quantities('441519309Ki', '32625480Ki'),
        conditions: conditions(stack),
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        nodeInfo: {
          architecture: 'amd64',
          bootID: '6f3a0b1e-7c52-4d0f-9a86-2b1f4e8d7c35',
          containerRuntimeVersion: 'containerd://2.1.4',
          kernelVersion: '6.12.48+deb13-amd64',
          kubeProxyVersion: '',
          kubeletVersion: 'v1.36.2',
          machineID: '9e1c5a7d40f84c2fb6c3e5d1a2b84f70',
          operatingSystem: 'linux',
          osImage: 'Debian GNU/Linux 13 (trixie)',
          systemUUID: '0d4b7a52-1f6e-4c3b-8e91-5a7c2d9f6b10',
        },
      },
    },
    ...namespaces(stack).map((own) => namespace(own, '120d')),
    // The control plane keeps this Service and its addresses itself; it has no selector.
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        ...created('120d'),
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1'],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
        sessionAffinity: 'None',
        ports: [servicePort('https', 443, 6443)],
      },
      status: { loadBalancer: {} },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        ...created('120d'),
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
    },
  ];
};
