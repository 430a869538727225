/** Parties and policies for the tests of what policies let pass, as short as they can be told. */
import { parse } from 'yaml';
import { anyPlugin, ciliumEnforcement, type Enforcement } from '../../../src/kinds/network/enforcement.ts';
import { judgeTraffic, passes } from '../../../src/kinds/network/judge.ts';
import type { CiliumPolicy } from '../../../src/kinds/network/cilium-policy.ts';
import type { NetworkPolicy } from '../../../src/kinds/network/network-policy.ts';
import type { OutsideParty, NodeParty, Party, PodParty, Protocol } from '../../../src/kinds/network/traffic.ts';

/** A pod by its namespace, its name and its labels; its one port is called `http`. */
export const pod = (namespace: string, app: string, more: Partial<PodParty> = {}): PodParty => ({
  is: 'pod',
  namespace,
  name: app,
  labels: { app },
  namespaceLabels: { team: namespace },
  addresses: ['10.0.0.9'],
  ports: [{ name: 'http', containerPort: 8080 }],
  serviceAccount: 'default',
  node: 'one',
  ...more,
});

export const node = (name: string, more: Partial<NodeParty> = {}): NodeParty => ({
  is: 'node',
  name,
  addresses: ['192.168.1.20'],
  ...more,
});

export const outside = (more: Partial<OutsideParty> = {}): OutsideParty => ({ is: 'outside', ...more });

export const cilium: Enforcement = ciliumEnforcement({});

interface Question {
  from: Party;
  to: Party;
  port?: number;
  protocol?: Protocol;
}

/** A policy in YAML, without what is alike in all: a NetworkPolicy, or one of Cilium’s. */
const policyOf = (yaml: string): NetworkPolicy & CiliumPolicy & { kind: string } => {
  const { kind = 'NetworkPolicy', namespace, name = 'guard', ...spec } = parse(yaml) as Record<string, string>;
  return {
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    ...('specs' in spec ? spec : { spec }),
  };
};

function judge(policies: readonly string[], { from, to, port = 8080, protocol = 'TCP' }: Question, by: Enforcement) {
  const all = policies.map(policyOf);
  const isKubernetes = ({ kind }: { kind: string }): boolean => kind === 'NetworkPolicy';
  return judgeTraffic(
    { from, to, port, protocol },
    { network: all.filter(isKubernetes), cilium: all.filter((one) => !isKubernetes(one)) },
    by,
  );
}

/** Whether it passes; why not, where that cannot be known. */
export const asks = (policies: readonly string[], question: Question, by: Enforcement = anyPlugin): boolean | string =>
  passes(judge(policies, question, by));

/** Who decides in one direction: `shut by guard at spec.podSelector`. */
export function decides(
  policies: readonly string[],
  question: Question & { direction: 'ingress' | 'egress' },
  by: Enforcement = anyPlugin,
): string {
  const side = judge(policies, question, by)[question.direction];
  if (side.outcome === 'open' || side.outcome === 'unknown') return `${side.outcome}: ${side.because}`;
  if (side.outcome === 'closed') return side.outcome;
  const rules = side.outcome === 'shut' ? side.by : [side.by];
  return `${side.outcome} by ${rules.map(({ policy, path }) => `${policy.metadata.name} at ${path}`).join(', ')}`;
}
