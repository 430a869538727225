/** kube-proxy, as kubeadm installs it: who translates Services where Cilium does not. */
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { daemonSet } from './build/workloads.ts';

const own = { namespace: 'kube-system', name: 'kube-proxy' };
const labels = { 'k8s-app': 'kube-proxy' };

/** As kubeadm makes it. */
export const kubeProxySet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { ...own, labels },
  spec: {
    selector: { matchLabels: labels },
    updateStrategy: { type: 'RollingUpdate' },
    template: {
      metadata: { labels },
      spec: {
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        containers: [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.36.2' }],
      },
    },
  },
};

export const kubeProxyConfig = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { ...own, labels: { app: 'kube-proxy' } },
  data: {
    'config.conf': `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clusterCIDR: 10.0.0.0/16
mode: iptables
`,
  },
};

/** The same where it has run for long. */
export const kubeProxy = ({ node }: Stack): readonly KubernetesObject[] => [
  kubeProxyConfig,
  ...daemonSet(node, kubeProxySet, { made: '120d', started: '33d', hash: '6c5d9b7f48', suffix: 'w8d2c' }),
];
