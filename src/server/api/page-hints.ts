/** What to do about a refusal, in the words of a page: it has a list of clusters where the terminal has flags. */
import type { Refusal } from '../../formats/refusal.ts';

const another = 'or choose another cluster in the list';

/** By the code of the refusal. */
const hints: Readonly<Record<string, string>> = {
  'no-kubeconfig': `Put the kubeconfig back, ${another}. With another kubeconfig, start the handbook again.`,
  'no-current-context': 'Choose a cluster in the list.',
  'unknown-context': 'Reload the page: its list is of another kubeconfig. Then choose another cluster there.',
  'unknown-cluster': `Add the cluster to the kubeconfig, ${another}.`,
  'unknown-user': `Add the user to the kubeconfig, ${another}.`,
};

/** The end of a hint that names flags of the terminal. */
const flags = /,? or (?:choose|pass|use) [^.;]*--[a-z][^.;]*/;

/** @returns a sentence without flags of the terminal. */
export const pageHint = ({ code = '', hint }: Pick<Refusal, 'code' | 'hint'>): string =>
  (Object.hasOwn(hints, code) ? hints[code] : undefined) ?? hint.replace(flags, `, ${another}`);
