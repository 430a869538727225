/** Orders: asked of the ACME server, proved by Challenges, then finalized [cert-manager 1.19, pkg/controller/acmeorders]. */
import { hasLabels } from '../../../formats/label-selector.ts';
import { at, isFields, list, strings, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/lifetime.ts';
import { controlledBy } from '../../../../packages/apiserver/controllers/cluster.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { warn } from '../../../../packages/apiserver/controllers/complaints.ts';
import { dummy, hashedName, isReady, issuerOf, serialNumber } from './common.ts';

const source = 'cert-manager-orders';
export const challengeFinalizer = 'acme.cert-manager.io/finalizer';

export function orders(cluster: Cluster): void {
  const challengesOf = Map.groupBy(cluster.list(kinds.Challenge), (challenge) =>
    text(list(challenge, 'metadata', 'ownerReferences')[0], 'uid'),
  );
  for (const order of cluster.list(kinds.Order)) {
    if (!isTerminating(order)) follow(cluster, order, challengesOf.get(order.metadata.uid) ?? []);
  }
}

function follow(cluster: Cluster, order: StoredObject, challenges: readonly StoredObject[]): void {
  switch (text(order, 'status', 'state')) {
    case 'invalid':
    case 'expired':
    case 'errored':
      return;
    case 'valid':
      challenges.forEach((challenge) => cluster.remove(challenge));
      return;
  }
  const issuer = issuerOf(cluster, order);
  if (issuer === undefined || !isReady(issuer)) return;
  switch (text(order, 'status', 'state')) {
    case '':
      return submit(cluster, order, issuer);
    case 'ready':
      cluster.setStatus(order, { state: 'valid', certificate: dummy() });
      cluster.event(order, source, 'Normal', 'Complete', 'Order completed successfully');
      return;
    default:
      return prove(cluster, order, issuer, challenges);
  }
}

/** A refusal of the 400s ends an Order: the server would say the same again. All others are tried again. */
function submit(cluster: Cluster, order: StoredObject, issuer: StoredObject): void {
  const { refuses } = cluster.world.letsEncrypt;
  if (refuses !== null) {
    if (!/^4\d\d /.test(refuses)) return;
    cluster.setStatus(order, {
      state: 'errored',
      reason: `Failed to create Order: ${refuses}`,
      failureTime: cluster.timestamp,
    });
    return;
  }
  const server = text(issuer, 'spec', 'acme', 'server').replace(/\/directory$/, '');
  const account = /\/(\d+)$/.exec(text(issuer, 'status', 'acme', 'uri'))?.[1] ?? '1';
  const number = serialNumber(order.metadata.uid, 12);
  cluster.setStatus(order, {
    state: 'pending',
    url: `${server}/acme/order/${account}/${number}`,
    finalizeURL: `${server}/acme/finalize/${account}/${number}`,
    authorizations: list(order, 'spec', 'dnsNames').map((name) => {
      const wildcard = text(name).startsWith('*.');
      const serial = `${account}/${serialNumber(`${order.metadata.uid} ${text(name)}`, 12)}`;
      const token = dummy().replace(/=+$/, '');
      return {
        identifier: text(name).replace(/^\*\./, ''),
        wildcard,
        initialState: 'pending',
        url: `${server}/acme/authz/${serial}`,
        // A wildcard can be proved in the DNS only [RFC 8555, 7.1.3; Boulder].
        challenges: (wildcard ? ['dns-01'] : ['http-01', 'dns-01']).map((type) => ({
          type,
          token,
          url: `${server}/acme/chall/${serial}/${cluster.suffix(`${serial} ${type}`, 6)}`,
        })),
      };
    }),
  });
}

function prove(cluster: Cluster, order: StoredObject, issuer: StoredObject, challenges: readonly StoredObject[]): void {
  const authorizations = list(order, 'status', 'authorizations');
  const wanted = authorizations.map((authorization) => challengeOf(order, issuer, authorization));
  if (wanted.some((challenge) => challenge === undefined)) {
    const why = 'no configured challenge solvers can be used for this challenge';
    warn(
      cluster,
      order,
      source,
      'Solver',
      `Failed to determine a valid solver configuration for the set of domains on the Order: ${why}`,
    );
    return;
  }
  const names = new Set<string>();
  for (const challenge of wanted) {
    if (challenge === undefined || names.has(challenge.metadata.name)) continue;
    names.add(challenge.metadata.name);
    if (cluster.get(kinds.Challenge, order.metadata.namespace, challenge.metadata.name) !== undefined) continue;
    cluster.create(challenge);
    const { name } = challenge.metadata;
    const domain = text(challenge, 'spec', 'dnsName');
    cluster.event(order, source, 'Normal', 'Created', `Created Challenge resource "${name}" for domain "${domain}"`);
  }
  const own = challenges.filter(({ metadata }) => names.has(metadata.name));
  challenges.filter(({ metadata }) => !names.has(metadata.name)).forEach((challenge) => cluster.remove(challenge));
  const isProven = own.length === names.size && own.every((one) => text(one, 'status', 'state') === 'valid');
  if (names.size > 0 && isProven) cluster.setStatus(order, { state: 'ready' });
}

/** The Challenge of an authorization, by the solver that fits it best; undefined when none does. */
function challengeOf(
  order: StoredObject,
  issuer: StoredObject,
  authorization: unknown,
): Parameters<Cluster['create']>[0] | undefined {
  const domain = text(authorization, 'identifier');
  const wildcard = at(authorization, 'wildcard') === true;
  const asked = wildcard ? `*.${domain}` : domain;
  const offered = list(authorization, 'challenges');
  const [best] = list(issuer, 'spec', 'acme', 'solvers')
    .flatMap((solver) => {
      const type = at(solver, 'dns01') !== undefined ? 'dns-01' : 'http-01';
      const offer = offered.find((one) => text(one, 'type') === type);
      const rank = fit(at(solver, 'selector'), asked, domain, strings(order, 'metadata', 'labels'));
      return offer === undefined || rank === undefined ? [] : [{ solver, offer, rank }];
    })
    .sort((one, other) => other.rank - one.rank);
  if (best === undefined) return undefined;
  const { selector: _selector, ...solver } = isFields(best.solver) ? best.solver : ({} as Fields);
  const spec = {
    authorizationURL: text(authorization, 'url'),
    dnsName: domain,
    issuerRef: at(order, 'spec', 'issuerRef'),
    key: dummy().replace(/=+$/, ''),
    solver,
    token: text(best.offer, 'token'),
    type: text(best.offer, 'type') === 'dns-01' ? 'DNS-01' : 'HTTP-01',
    url: text(best.offer, 'url'),
    wildcard,
  };
  return {
    apiVersion: 'acme.cert-manager.io/v1',
    kind: 'Challenge',
    metadata: {
      namespace: order.metadata.namespace ?? '',
      name: hashedName(order.metadata.name, spec),
      finalizers: [challengeFinalizer],
      ownerReferences: [controlledBy(order)],
    },
    spec,
  };
}

/** How well a selector fits: a name outweighs a zone, a longer zone a shorter, and any of them none; undefined when it does not. */
function fit(
  selector: unknown,
  asked: string,
  domain: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  // cert-manager's own selectors have labels and no expressions.
  const wanted = Object.keys(strings(selector, 'matchLabels'));
  if (!hasLabels(labels, strings(selector, 'matchLabels'))) return undefined;
  const names = list(selector, 'dnsNames').map((name) => text(name));
  if (names.includes(asked)) return 1000 + wanted.length;
  const zones = list(selector, 'dnsZones').map((zone) => text(zone));
  const fitting = zones.filter((zone) => domain === zone || domain.endsWith(`.${zone}`));
  if (names.length === 0 && zones.length === 0) return wanted.length;
  return fitting.length === 0 ? undefined : Math.max(...fitting.map((zone) => 10 + zone.length)) + wanted.length;
}
