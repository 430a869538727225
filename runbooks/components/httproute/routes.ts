/** HTTPRoute: what its checks have in common: what they read, whom they judge, and how a route is mended. */
import { skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { plain } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone } from '../../../src/runbook/told.ts';
import { setField } from '../../models/patches.ts';
import { httpRoutes, topologyReads } from '../../models/reads.ts';
import { namespaceOf, type Attachment, type Route } from '../../models/routes.ts';

export const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
};

export const showRoutes = sh`kubectl get httproute -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNAMES:.spec.hostnames,PARENTS:.spec.parentRefs[*].name`;
export const noRoutes = 'No HTTPRoute hangs on a Gateway of the tailnet.';
export const takesOver = 'Nothing: Envoy takes the change over without closing connections.';

/** Judges each of some parents by which routes hang on Gateways; where nothing is found, `passed` says what is well. */
export const eachAttachment = (
  all: readonly Attachment[],
  judge: (attachment: Attachment) => Judgement | readonly Judgement[],
  passed: string,
): Judgement | readonly Judgement[] => (isNone(all) ? skip(noRoutes) : foundOr(passed, () => eachOf(all, judge)));

/** One field of a route that is to be written; null where it has to go. */
export const changeRoute = (title: string, route: Route, path: string, to: unknown): Remedy => ({
  title,
  ...setField(route, path, to),
  disturbs: takesOver,
});

const edit = (route: Route): Shell => sh`kubectl edit httproute -n ${namespaceOf(route)} ${route.metadata.name}`;

/** A change of a route by hand, where what belongs there is the reader's to say; `first` shows what there is to choose from. */
export const editRoute = (title: string, route: Route, ...first: readonly Shell[]): Remedy => ({
  title,
  commands: [...first, edit(route)],
  disturbs: takesOver,
});
