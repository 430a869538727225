/** What is found where policies stop a hop: the same for every check of one, and how such a check judges. Pure. */
import {
  pass,
  refOf,
  refTo,
  skip,
  unknown,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../src/runbook/check.ts';
import { finding, type Find, type FoundOutcome } from '../../src/runbook/finding.ts';
import { place, sh, type Shell } from '../../src/runbook/shell.ts';
import { policyFor, ruleFor } from './hop-rules.ts';
import { judgeHops, type Hop, type Policy, type PolicyValues, type Stopped } from './hops.ts';
import { jsonPatch, pointer } from './patches.ts';
import { ciliumConfig } from './reads.ts';
import { nameOf } from './routes.ts';

/** A hop that policies stop, and the one of them that is told of. */
export interface Kept extends Stopped {
  policy: Policy;
  /** Where in the policy it says so. */
  at: string;
  /** The other policies that close the same, of which each would do. */
  others: readonly Policy[];
  sender: string;
  receiver: string;
}

/** As `kubectl` calls it, with its namespace where it has one. */
const called = (policy: Policy): string =>
  `${policy.kind} ${policy.metadata.namespace === undefined ? policy.metadata.name : nameOf(policy)}`;

const portOf = ({ protocol, port }: Hop): string => `${protocol} ${port}`;

const whereIs = ({ party, called }: Hop['from']): string =>
  party.is === 'pod' ? `${called} (pods of namespace ${party.namespace})` : called;

const ownOf = ({ hop, direction }: Stopped): Hop['from'] => (direction === 'ingress' ? hop.to : hop.from);
const peerOf = ({ hop, direction }: Stopped): Hop['from'] => (direction === 'ingress' ? hop.from : hop.to);

/** That nobody is known to enforce it. */
const unless = ({ enforcedBy }: Stopped): string =>
  enforcedBy === undefined
    ? ' Nothing here says that the cluster’s network plug-in enforces policies; one that does stops it.'
    : '';

const outcome = ({ enforcedBy }: Stopped): FoundOutcome => (enforcedBy === undefined ? 'warned' : 'failed');

const podName = ({ pod, called }: Hop['from']): string => (pod === undefined ? called : `pod ${nameOf(pod)}`);

/** The list of rules that a policy has for a direction, by where the selector stands: `spec.ingress`. */
const listAt = ({ at, direction }: Kept): string => at.replace(/[^.]*$/, direction);

const rulesOf = ({ policy, at, direction }: Kept): readonly unknown[] | undefined => {
  const spec = /^specs\[(\d+)\]/.exec(at);
  const own =
    policy.kind === 'NetworkPolicy' ? policy.spec : spec === null ? policy.spec : policy.specs?.[Number(spec[1])];
  return own?.[direction];
};

const selectorEvidence = (subject: Kept): Evidence => {
  const rules = rulesOf(subject);
  return {
    object: refOf(subject.policy),
    path: listAt(subject),
    observed: rules === undefined || rules.length === 0 ? 'no rule' : rules,
    expected: ruleFor(subject.policy.kind, subject.direction, subject.hop),
  };
};

const podEvidence = (subject: Kept): readonly Evidence[] => {
  const { pod } = ownOf(subject);
  if (pod === undefined) return [];
  return [
    {
      object: refOf(pod),
      path: 'metadata.labels',
      observed: pod.metadata.labels ?? {},
      expected: `labels that ${subject.at} does not select, or a rule that lets it through`,
    },
  ];
};

const disturbs = (subject: Stopped): string =>
  `Nothing that works now: the rule lets ${subject.hop.from.called} reach ${subject.hop.to.called} on ${portOf(subject.hop)}, and nobody else.`;

const show = ({ policy }: Kept): Shell =>
  sh`kubectl get ${policy.kind.toLowerCase()} ${place(policy.metadata)} -o yaml`;

/** Nobody writes an API server’s or a node’s address into a NetworkPolicy that Cilium enforces: it takes no nodes there. */
const needsCiliumKind = (subject: Stopped): boolean =>
  subject.enforcement.plugin === 'cilium' && peerOf(subject).party.is === 'node';

/** Lets the hop through by one more rule of the policy. */
function addRule(subject: Kept): Remedy {
  const { policy, direction, hop } = subject;
  const path = listAt(subject);
  const rules = rulesOf(subject);
  const rule = ruleFor(policy.kind, direction, hop);
  const operation =
    rules === undefined
      ? ({ op: 'add', path: pointer(path), value: [rule] } as const)
      : ({ op: 'add', path: `${pointer(path)}/-`, value: rule } as const);
  return {
    title: `Add a rule to ${path} of ${called(policy)} that lets ${hop.from.called} reach ${hop.to.called}; every other rule stays as it is.`,
    change:
      rules === undefined
        ? { object: refOf(policy), path, to: [rule] }
        : { object: refOf(policy), path: `${path}[${rules.length}]`, to: rule },
    commands: [jsonPatch(policy.kind.toLowerCase(), policy.metadata, operation)],
    disturbs: disturbs(subject),
  };
}

/** Lets the hop through by a policy of its own. */
function addPolicy(subject: Stopped): Remedy {
  const kind =
    subject.enforcement.plugin === 'cilium' && needsCiliumKind(subject) ? 'CiliumNetworkPolicy' : 'NetworkPolicy';
  const policy = JSON.stringify(policyFor(kind, subject.direction, subject.hop));
  return {
    title:
      'Add a policy to Git that does nothing but let it through: what one NetworkPolicy allows, no other takes back.',
    commands: [sh`printf %s ${policy} | kubectl apply -f -`],
    disturbs: disturbs(subject),
  };
}

const ways = (subject: Kept): readonly [Remedy, ...Remedy[]] =>
  needsCiliumKind(subject) && subject.policy.kind === 'NetworkPolicy'
    ? [addPolicy(subject)]
    : [addRule(subject), addPolicy(subject)];

const andOthers = ({ others }: Kept): string =>
  others.length === 0 ? '' : ` ${others.map(called).join(', ')} ${others.length === 1 ? 'does' : 'do'} not either.`;

const about = {
  outcome,
  evidence: (subject: Kept) => [selectorEvidence(subject), ...podEvidence(subject)] as const,
  commands: (subject: Kept) => [show(subject)],
  remedies: ways,
};

/** Everything that a check of hops can find. */
export const hopFindings = {
  keptOut: finding<Kept>({
    headline: '{policy} keeps {sender} out of {receiver}',
    means:
      'A policy selects the pods that are to be reached, and none of its rules lets this sender in on this port. What is not allowed is dropped without a word.',
    message: (subject) =>
      `${called(subject.policy)} selects ${podName(ownOf(subject))}, and no ingress rule lets ${whereIs(peerOf(subject))} in on ${portOf(subject.hop)}: ${subject.hop.breaks}.${andOthers(subject)}${unless(subject)}`,
    ...about,
  }),
  keptIn: finding<Kept>({
    headline: '{policy} keeps {sender} from {receiver}',
    means:
      'A policy selects the pods that are to send, and none of its rules lets them out to this receiver on this port. What is not allowed is dropped without a word.',
    message: (subject) =>
      `${called(subject.policy)} selects ${podName(ownOf(subject))}, and no egress rule lets it out to ${whereIs(peerOf(subject))} on ${portOf(subject.hop)}: ${subject.hop.breaks}.${andOthers(subject)}${unless(subject)}`,
    ...about,
  }),
  denied: finding<Kept>({
    headline: '{policy} denies {sender} the way to {receiver}',
    means: 'A rule of Cilium’s denies this traffic, and a denial comes before every rule that allows.',
    outcome,
    message: (subject) =>
      `${called(subject.policy)} denies ${whereIs(subject.hop.from)}, by ${subject.at}, the way to ${podName(subject.hop.to)} on ${portOf(subject.hop)}: ${subject.hop.breaks}. A denial comes before whatever allows.`,
    evidence: (subject) => [
      {
        object: refOf(subject.policy),
        path: subject.at,
        observed: `a denial that takes ${subject.sender} and ${subject.receiver}`,
        expected: 'none that does',
      },
    ],
    commands: (subject) => [show(subject)],
    remedies: ({ policy, at }) => [
      {
        title: `Narrow ${at} of ${called(policy)} so that it does not take this traffic, or take it away.`,
        change: { object: refOf(policy), path: at, to: null },
        commands: [jsonPatch(policy.kind.toLowerCase(), policy.metadata, { op: 'remove', path: pointer(at) })],
        disturbs: 'What the rule denied to others passes again, as far as other rules allow it.',
      },
    ],
  }),
  closed: finding<Stopped & { sender: string; receiver: string }>({
    headline: 'Cilium closes the way from {sender} to {receiver}',
    means: 'Cilium is told to close whatever no policy allows (enable-policy: always), and none is about these pods.',
    message: (subject) =>
      `Cilium’s enable-policy is "always", and no policy lets ${whereIs(subject.hop.from)} reach ${podName(subject.hop.to)} on ${portOf(subject.hop)}: ${subject.hop.breaks}.`,
    evidence: (subject) => {
      const { pod } = ownOf(subject);
      return [
        {
          object: refTo('ConfigMap', ciliumConfig),
          path: 'data.enable-policy',
          observed: 'always',
          expected: `default, or a policy that lets ${subject.sender} reach ${subject.receiver} on ${portOf(subject.hop)}`,
        },
        ...(pod === undefined
          ? []
          : [
              {
                object: refOf(pod),
                path: 'metadata.labels',
                observed: pod.metadata.labels ?? {},
                expected: 'labels that a policy selects',
              },
            ]),
      ];
    },
    commands: () => [
      sh`kubectl get networkpolicy,ciliumnetworkpolicy -A`,
      sh`kubectl get ciliumclusterwidenetworkpolicy`,
    ],
    remedies: (subject) => [addPolicy(subject)],
  }),
};

/** Commands that show the policies of a cluster. */
export const showPolicies: readonly Shell[] = [
  sh`kubectl get networkpolicy -A`,
  sh`kubectl get ciliumnetworkpolicy -A`,
  sh`kubectl get ciliumclusterwidenetworkpolicy`,
];

/**
 * Judges hops: each policy that stops some is told of once.
 *
 * @param nothing What to say where there is no hop.
 */
export function judgeAll(
  hops: readonly Hop[],
  values: PolicyValues,
  find: Find<typeof hopFindings>,
  nothing: string,
): readonly Judgement[] {
  if (hops.length === 0) return [skip(nothing)];
  const { stopped, doubts } = judgeHops(hops, values);
  const found = new Map(stopped.map((one) => [keyOf(one), one]).toReversed() as [string, Stopped][]);
  const judgements = [...found.values()].toReversed().map((one) => judgementOf(one, find));
  if (judgements.length > 0) return judgements;
  const [doubt] = doubts;
  return doubt === undefined
    ? [
        pass(
          `No policy keeps ${[...new Set(hops.map(({ from, to }) => `${from.called} from ${to.called}`))].join(', nor ')}.`,
        ),
      ]
    : [unknown(`It is not known ${doubt}.`)];
}

/** What makes two hops one to a reader: the same policy, the same two, the same port. */
const keyOf = ({ side, hop, direction }: Stopped): string => {
  const by = side.outcome === 'shut' ? side.by[0] : side.outcome === 'denied' ? side.by : undefined;
  const policy = by === undefined ? '' : `${called(by.policy)} ${by.path}`;
  return [policy, direction, hop.from.called, hop.to.called, portOf(hop)].join(' ');
};

function judgementOf(stopped: Stopped, find: Find<typeof hopFindings>): Judgement {
  const { side, direction, hop } = stopped;
  const names = { sender: hop.from.called, receiver: hop.to.called };
  if (side.outcome === 'denied') {
    return find.denied({ ...stopped, ...names, policy: side.by.policy, at: side.by.path, others: [] });
  }
  if (side.outcome !== 'shut') return find.closed({ ...stopped, ...names });
  const [first, ...others] = side.by;
  const kept = {
    ...stopped,
    ...names,
    policy: first.policy,
    at: first.path,
    others: others.map(({ policy }) => policy),
  };
  return direction === 'ingress' ? find.keptOut(kept) : find.keptIn(kept);
}
