/**
 * Where on the line a runbook's verdicts lie: the stations of the request with the state of each, and beside them the components of
 * other planes that are at fault. After a closed station the line is dotted. It is a list before it is a drawing: it reads without style.
 */
import { components, componentTitle, type ComponentId } from '../../../runbooks/components.ts';
import { outcomeWord } from '../../report/words.ts';
import { worst, type Outcome, type Verdict } from '../../runbook/report.ts';
import { asksForNames, branches, requestLine } from '../line.ts';
import { escapeHtml } from '../../formats/html.ts';
import { stateIcon } from '../../report/state.ts';

/** Nothing at a station that this runbook does not examine. */
type State = Outcome | 'unseen';

export function lineStripHtml(verdicts: readonly Verdict[]): string {
  const states = statesOf(verdicts);
  const stations = requestLine.map(({ id }) => id);
  if (!stations.some((id) => states.has(id) || beside(id, states).length > 0)) return '';
  const closed = stations.findIndex(
    (id) => isClosed(states.get(id)) || beside(id, states).some(([, state]) => isClosed(state)),
  );
  const items = stations.map((id, index) => {
    const reached = closed === -1 || index < closed ? '' : index === closed ? ' rb-closed' : ' rb-after';
    const joining = beside(id, states).map(
      ([other, state]) =>
        `<span class="rb-joins" data-state="${state}">${signHtml(state)}${nameHtml(other, state)}</span>`,
    );
    const state = states.get(id) ?? 'unseen';
    return `<li class="rb-station${reached}" data-state="${state}">${signHtml(state)}<span class="rb-name">${nameHtml(id, state)}</span>${joining.join('')}</li>`;
  });
  return `<ol class="rb-line" aria-label="The way of a request">${items.join('')}</ol>`;
}

/** The worst outcome of each component that is examined. */
function statesOf(verdicts: readonly Verdict[]): ReadonlyMap<string, Outcome> {
  const byComponent = Map.groupBy(verdicts, ({ component }) => component);
  return new Map([...byComponent].map(([id, own]) => [id, worst(own.map(({ outcome }) => outcome))]));
}

const isClosed = (state: State | undefined): boolean => state === 'failed';

/** Components that are no stations themselves and join the line here, as far as something is wrong with them. */
const beside = (
  station: ComponentId,
  states: ReadonlyMap<string, Outcome>,
): readonly (readonly [ComponentId, Outcome])[] =>
  components.flatMap(({ id, plane }) => {
    const state = states.get(id);
    const isAside = !requestLine.some((one) => one.id === id);
    return isAside && joinsAt(id, plane) === station && (state === 'failed' || state === 'warned') ? [[id, state]] : [];
  });

/** Where components meet the line that the map does not draw, or draws between two stations. */
const joins: Readonly<Partial<Record<ComponentId, ComponentId>>> = {
  cilium: 'tailscale-proxy',
  gateway: 'envoy',
  'envoy-gateway': 'envoy',
  'internal-service': 'envoy',
};
const planeJoins = {
  request: 'envoy',
  dns: asksForNames,
  control: 'managed-service',
  tls: 'envoy',
  secrets: 'envoy',
} as const satisfies Readonly<Record<string, ComponentId>>;

const joinsAt = (id: ComponentId, plane: keyof typeof planeJoins): ComponentId =>
  joins[id] ??
  branches.find(({ stations }) => stations.some((station) => station.id === id))?.interchanges[0] ??
  planeJoins[plane];

const signHtml = (state: State): string => (state === 'unseen' ? '<span class="rb-dot"></span>' : stateIcon(state));

const nameHtml = (id: ComponentId, state: State): string =>
  `${escapeHtml(componentTitle(id))}<span class="sr-only">: ${state === 'unseen' ? 'not examined' : outcomeWord[state]}</span>`;

/** What pages add to a report: how components are called, and the line that a request takes. */
export const linePage = {
  titleOf: (component: string): string => componentTitle(component as ComponentId),
  line: lineStripHtml,
} as const;
