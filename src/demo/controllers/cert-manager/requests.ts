/** CertificateRequests: approved, then handed to their issuer [cert-manager 1.19, pkg/controller/certificaterequests]. */
import { at, condition, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/lifetime.ts';
import { controlledBy } from '../../../../packages/apiserver/controllers/cluster.ts';
import { kinds, type Cluster } from '../cluster.ts';
import {
  conditionOf,
  conditionsOf,
  dummy,
  group,
  hashedName,
  isReady,
  issuerOf,
  issuerRefOf,
  namesIn,
} from './common.ts';

const source = (kind: string): string => `cert-manager-certificaterequests-issuer-${kind}`;

/** Each kind of issuer has a controller of its own; as long as none knows whose a request is, all of them speak [sync.go]. */
const issuerKinds = ['acme', 'ca', 'selfsigned', 'vault', 'venafi'] as const;

const sayAll = (cluster: Cluster, request: StoredObject, reason: string, message: string): void =>
  issuerKinds.forEach((kind) => cluster.event(request, source(kind), 'Normal', reason, message));

export function certificateRequests(cluster: Cluster): void {
  for (const request of cluster.list(kinds.CertificateRequest)) {
    if (isTerminating(request) || issuerRefOf(request).group !== group) continue;
    const reason = text(conditionOf(request, 'Ready'), 'reason');
    if (reason === 'Issued' || reason === 'Failed' || reason === 'Denied') continue;
    if (condition(request['status'], 'Denied') === 'True') deny(cluster, request);
    else if (condition(request['status'], 'Approved') === 'True') sign(cluster, request);
    else approve(cluster, request);
  }
}

/** cert-manager's own approver takes every request for its issuers. */
function approve(cluster: Cluster, request: StoredObject): void {
  sayAll(cluster, request, 'WaitingForApproval', 'Not signing CertificateRequest until it is Approved');
  const message = 'Certificate request has been approved by cert-manager.io';
  cluster.setStatus(request, {
    conditions: cluster.conditions(conditionsOf(request), {
      type: 'Approved',
      status: 'True',
      reason: 'cert-manager.io',
      message,
    }),
  });
  cluster.event(request, 'cert-manager-certificaterequests-approver', 'Normal', 'cert-manager.io', message);
}

function deny(cluster: Cluster, request: StoredObject): void {
  report(cluster, request, 'Denied', 'The CertificateRequest was denied by an approval controller');
}

function report(
  cluster: Cluster,
  request: StoredObject,
  reason: 'Pending' | 'Failed' | 'Denied' | 'Issued',
  message: string,
): void {
  const isOver = reason === 'Failed' || reason === 'Denied';
  cluster.setStatus(request, {
    conditions: cluster.conditions(conditionsOf(request), {
      type: 'Ready',
      status: reason === 'Issued' ? 'True' : 'False',
      reason,
      message,
    }),
    ...(isOver ? { failureTime: cluster.timestamp } : {}),
    ...(reason === 'Issued' ? { certificate: dummy() } : {}),
  });
}

function sign(cluster: Cluster, request: StoredObject): void {
  const { kind, name } = issuerRefOf(request);
  const issuer = issuerOf(cluster, request);
  const pending = (why: string, message: string): void => {
    if (text(conditionOf(request, 'Ready'), 'message') === message) return;
    report(cluster, request, 'Pending', message);
    cluster.event(request, source('acme'), 'Normal', why, message);
  };
  if (issuer === undefined) {
    const missing = `${kind.toLowerCase()}.cert-manager.io "${name}" not found`;
    const message = `Referenced "${kind}" not found: ${missing}`;
    if (text(conditionOf(request, 'Ready'), 'message') === message) return;
    report(cluster, request, 'Pending', message);
    return sayAll(cluster, request, 'IssuerNotFound', message);
  }
  if (!isReady(issuer)) return pending('IssuerNotReady', 'Referenced issuer does not have a Ready status condition');
  if (at(issuer, 'spec', 'acme') === undefined) return issue(cluster, request);

  const wanted = orderOf(request);
  const order = cluster.get(kinds.Order, request.metadata.namespace, wanted.metadata.name);
  const place = `${request.metadata.namespace ?? ''}/${wanted.metadata.name}`;
  if (order === undefined) {
    cluster.create(wanted);
    return pending('OrderCreated', `Created Order resource ${place}`);
  }
  const [owner] = (
    Array.isArray(order.metadata['ownerReferences']) ? order.metadata['ownerReferences'] : []
  ) as unknown[];
  // One of a request of the same name that is gone: it goes, too.
  if (text(owner, 'uid') !== request.metadata.uid) return;
  const state = text(order, 'status', 'state');
  if (state === 'valid') return issue(cluster, request);
  if (['invalid', 'expired', 'errored'].includes(state)) {
    const why = text(order, 'status', 'reason');
    const message = `Failed to wait for order resource "${order.metadata.name}" to become ready: order is in "${state}" state: ${why}`;
    report(cluster, request, 'Failed', message);
    cluster.event(request, source('acme'), 'Warning', 'OrderFailed', message);
    return;
  }
  pending('OrderPending', `Waiting on certificate issuance from order ${place}: "${state}"`);
}

function issue(cluster: Cluster, request: StoredObject): void {
  const message = 'Certificate fetched from issuer successfully';
  report(cluster, request, 'Issued', message);
  cluster.event(request, source('acme'), 'Normal', 'CertificateIssued', message);
}

/** The Order of a request; its name tells which names it is for, but not of which key [buildOrder]. */
function orderOf(request: StoredObject): Parameters<Cluster['create']>[0] {
  const { namespace = '', name } = request.metadata;
  const dnsNames = namesIn(text(request, 'spec', 'request')) ?? [];
  const [labels, annotations] = [strings(request, 'metadata', 'labels'), strings(request, 'metadata', 'annotations')];
  const issuerRef = at(request, 'spec', 'issuerRef');
  return {
    apiVersion: 'acme.cert-manager.io/v1',
    kind: 'Order',
    metadata: {
      namespace,
      name: hashedName(name, { issuerRef, dnsNames }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controlledBy(request)],
    },
    spec: { dnsNames, issuerRef, request: text(request, 'spec', 'request') },
  };
}
