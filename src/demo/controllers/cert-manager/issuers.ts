/** Issuers and ClusterIssuers: ACME accounts, and the keys of other kinds of issuer [cert-manager 1.19, pkg/issuer]. */
import { fromBase64, toBase64 } from '../../../../packages/apiserver/bytes/base64.ts';
import { sha256 } from '../../../../packages/apiserver/bytes/sha256.ts';
import { at, condition, fieldsOf, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/lifetime.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { warn } from '../../../../packages/apiserver/controllers/complaints.ts';
import { conditionsOf, dummy, secretsOf, serialNumber } from './common.ts';
import type { Settings } from './settings.ts';

type Ready = Omit<Condition, 'type'>;

export function issuers(cluster: Cluster, settings: Settings): void {
  for (const [kind, source] of [
    [kinds.ClusterIssuer, 'cert-manager-clusterissuers'],
    [kinds.Issuer, 'cert-manager-issuers'],
  ] as const) {
    for (const issuer of cluster.list(kind)) {
      if (!isTerminating(issuer)) setUp(cluster, issuer, source, secretsOf(issuer, settings));
    }
  }
}

function setUp(cluster: Cluster, issuer: StoredObject, source: string, namespace: string): void {
  const spec = fieldsOf(issuer, 'spec');
  const { ready, acme } =
    spec['acme'] !== undefined
      ? account(cluster, issuer, namespace)
      : { ready: ofOtherKind(cluster, issuer, namespace), acme: undefined };
  if (ready.status === 'False') warn(cluster, issuer, source, ready.reason ?? '', ready.message ?? '');
  cluster.setStatus(issuer, {
    ...(acme === undefined ? {} : { acme }),
    conditions: cluster.conditions(conditionsOf(issuer), {
      type: 'Ready',
      ...ready,
      observedGeneration: issuer.metadata.generation ?? 1,
    }),
  });
}

/**
 * An account is its key: a key that the server does not know is registered, and a new key makes a new account. The Secret of the key is
 * watched, so one that is deleted is made anew at once.
 */
function account(cluster: Cluster, issuer: StoredObject, namespace: string): { ready: Ready; acme?: unknown } {
  const acme = at(issuer, 'spec', 'acme');
  const name = text(acme, 'privateKeySecretRef', 'name');
  const field = text(acme, 'privateKeySecretRef', 'key') || 'tls.key';
  const known = fieldsOf(issuer, 'status', 'acme');
  const found = cluster.get(kinds.Secret, namespace, name);
  const failed = (message: string): { ready: Ready; acme: unknown } => ({
    ready: {
      status: 'False',
      reason: 'ErrRegisterACMEAccount',
      message: `Failed to register ACME account: ${message}`,
    },
    acme: known,
  });
  if (found === undefined && at(acme, 'disableAccountKeyGeneration') === true) {
    return failed(
      `the ACME issuer config has 'disableAccountKeyGeneration' set to true, but the secret was not found: secrets "${name}" not found`,
    );
  }
  const secret =
    found ??
    cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      type: 'Opaque',
      data: { [field]: dummy(`demo ${cluster.serial()}`) },
    });
  const key = strings(secret, 'data')[field] ?? '';
  const hash = toBase64(sha256(fromBase64(key)));
  const isKnown = text(known, 'uri') !== '' && text(known, 'lastPrivateKeyHash') === hash;
  const { refusesAccount } = cluster.world.letsEncrypt;
  if (isKnown && refusesAccount !== null) return failed(refusesAccount);
  // What the server says of the old account is of no consequence to a new one.
  if (!isKnown && text(known, 'uri') !== '' && refusesAccount !== null) {
    cluster.changeWorld({ letsEncrypt: { refusesAccount: null } });
  }
  const directory = text(acme, 'server').replace(/\/directory$/, '');
  return {
    ready: {
      status: 'True',
      reason: 'ACMEAccountRegistered',
      message: 'The ACME account was registered with the ACME server',
    },
    acme: {
      ...known,
      uri: isKnown ? known['uri'] : `${directory}/acme/acct/${serialNumber(`${secret.metadata.uid} ${key}`, 10)}`,
      lastRegisteredEmail: text(acme, 'email'),
      lastPrivateKeyHash: hash,
    },
  };
}

function ofOtherKind(cluster: Cluster, issuer: StoredObject, namespace: string): Ready {
  const ca = at(issuer, 'spec', 'ca');
  if (ca !== undefined) {
    const name = text(ca, 'secretName');
    return cluster.get(kinds.Secret, namespace, name) === undefined
      ? {
          status: 'False',
          reason: 'ErrGetKeyPair',
          message: `Error getting keypair for CA issuer: secrets "${name}" not found`,
        }
      : { status: 'True', reason: 'KeyPairVerified', message: 'Signing CA verified' };
  }
  if (at(issuer, 'spec', 'selfSigned') !== undefined) return { status: 'True', reason: 'IsReady' };
  const status = condition(issuer['status'], 'Ready');
  return {
    status: status === 'True' ? 'True' : 'False',
    reason: 'NotSupported',
    message: 'The demo does not know this kind of issuer',
  };
}
