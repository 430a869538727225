/** Follows the relations that select objects by their labels, in both directions. Pure. */
import { selects, serviceSelects, type Labels } from '../formats/label-selector.ts';
import { places, type Referring } from './references.ts';
import { podSpecs, selections, type Selection } from './relations.ts';
import { withoutNamespace } from './scope.ts';
import { isObject, type Step } from './violation.ts';

/** Objects that another one selects by their labels. */
export interface Selected {
  selection: Selection;
  /** Where the selector stands. */
  path: readonly Step[];
  /** The kind that is selected. */
  kind: string;
  /** Where they are looked for; empty for a kind without namespaces. */
  namespace: string;
  selector: unknown;
}

/** An object that has labels. */
interface Labelled {
  metadata: { namespace?: string; labels?: Labels };
}

/** What an object selects; a selector that selects nothing by its nature is none. */
export const selectionsOf = (object: Referring): readonly Selected[] =>
  selections
    .filter(({ from }) => from === object.kind)
    .flatMap((selection) =>
      places(object, selection.path.split('.'), []).flatMap(({ value, path }) =>
        selectedAt(object, selection, value, path),
      ),
    );

function selectedAt(
  { metadata }: Referring,
  selection: Selection,
  selector: unknown,
  path: readonly Step[],
): readonly Selected[] {
  if (!isObject(selector) || (selection.as === 'labels' && Object.keys(selector).length === 0)) return [];
  const kind = typeof selection.to === 'string' ? selection.to : selector[selection.to.field];
  if (typeof kind !== 'string') return [];
  const namespace = withoutNamespace.has(kind) ? '' : (metadata.namespace ?? 'default');
  return [{ selection, path, kind, namespace, selector }];
}

/** Whether a selector takes an object with these labels. */
export const takesLabels = ({ selection, selector }: Selected, labels: Labels | undefined): boolean =>
  selection.as === 'labels' ? serviceSelects(selector as Labels, labels) : selects(selector, labels);

/** The labels of the pods that an object makes, or of itself where it is one; undefined for what makes none. */
export function podLabels(object: Referring): Labels | undefined {
  if (object.kind === 'Pod') return (object as Labelled).metadata.labels ?? {};
  const spec = podSpecs[object.kind];
  if (spec === undefined) return undefined;
  const template = spec.split('.').slice(0, -1);
  const [found] = places(object, [...template, 'metadata', 'labels'], []);
  return isObject(found?.value) ? found.value : {};
}

/** Of some objects, those whose pods are selected, or that are themselves: in the namespace where they are looked for. */
export const selectedOf = <O extends Referring>(selected: Selected, among: readonly O[]): readonly O[] =>
  among.filter(
    (one) => (one.metadata.namespace ?? 'default') === selected.namespace && takesLabels(selected, podLabels(one)),
  );
