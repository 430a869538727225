/**
 * Labels by which Cilium knows a pod. It makes identities of them, and leaves out those that change from pod to pod; which ones, its setting
 * `labels` can say, too [Cilium 1.14 to 1.18, Limiting Identity-Relevant Labels].
 */
import { requirementsOf, type Requirement } from '../../formats/label-selector.ts';
import { allOf, doubt, type Answer } from './answer.ts';
import type { Enforcement } from './enforcement.ts';

const leftOut =
  /^(io\.kubernetes|kubernetes\.io|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/(job-completion-index|controller-uid)|.*beta\.kubernetes\.io|k8s\.io|pod-template-(generation|hash)|controller-(revision-hash|uid)|annotation|etcd_node)/;

const kept = /^(io\.kubernetes\.pod\.namespace|io\.cilium\.k8s\.namespace\.labels|app\.kubernetes\.io)/;

/** Whether a label that a requirement asks for is one that Cilium keeps by default. */
export const isOfIdentity = (key: string): boolean => kept.test(key) || !leftOut.test(key);

/** Whether Cilium sees a selector as the API server does: yes, or a doubt where it asks for labels that Cilium leaves out. */
export function identityHolds(selector: unknown, { plugin }: Enforcement): Answer {
  if (plugin !== 'cilium') return true;
  return allOf(...(requirementsOf(selector) ?? []).map((requirement) => () => seen(requirement)));
}

const seen = ({ key }: Requirement): Answer =>
  isOfIdentity(key) || doubt(`Cilium may leave label ${key} out of the identities that it knows pods by`);
