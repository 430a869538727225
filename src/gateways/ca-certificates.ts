/** The certificates of those who are trusted, in ConfigMaps, Secrets and ClusterTrustBundles [internal/gatewayapi/backendtlspolicy.go, getCaCertsFromCARefs]. */
import { fieldsOf, text, type Fields } from '../formats/fields.ts';
import { isPermitted, targetOf, untold, type Target, type World } from './world.ts';

export interface Untrusted {
  message: string;
  /** What a listener and a policy call it. */
  listenerReason: 'InvalidCACertificateRef' | 'InvalidCACertificateKind' | 'NoValidCACertificate' | 'RefNotPermitted';
}

const untrusted = (
  message: string,
  listenerReason: Untrusted['listenerReason'] = 'InvalidCACertificateRef',
): Untrusted => ({ message, listenerReason });

/** Why none of what is referred to can be used; undefined where something can, and where nobody tells. */
export function caRefusal(
  world: World,
  references: readonly unknown[],
  from: Pick<Target, 'group' | 'kind' | 'namespace'>,
): Untrusted | undefined {
  let isAnyOfAKind = false;
  for (const reference of references) {
    const to = targetOf(reference, from.namespace, '');
    if (!isPermitted(world, from, to)) {
      const place = `${to.group}/${to.name} (kind: ${to.kind}, namespace: ${to.namespace})`;
      return untrusted(
        `cross-namespace reference is not permitted by any ReferenceGrant for caCertificateRef ${place}`,
        'RefNotPermitted',
      );
    }
    if (!['ConfigMap', 'Secret', 'ClusterTrustBundle'].includes(to.kind)) continue;
    isAnyOfAKind = true;
    const why = refusalOf(world, to);
    if (why !== undefined) return why;
  }
  return isAnyOfAKind
    ? undefined
    : untrusted(
        'Unsupported reference kind, supported kinds are ConfigMap, Secret, and ClusterTrustBundle in caCertificateRefs',
        'InvalidCACertificateKind',
      );
}

function refusalOf(world: World, { kind, namespace, name }: Target): Untrusted | undefined {
  const isCluster = kind === 'ClusterTrustBundle';
  const found = world.find(kind, isCluster ? undefined : namespace, name);
  if (found === untold) return undefined;
  if (isCluster) return found === undefined ? untrusted(`cluster trust bundle ${name} not found`) : undefined;
  const called = kind.toLowerCase();
  if (found === undefined) return untrusted(`${called} ${name} not found in namespace ${namespace}`);
  // Of a kind of its own that only a server for secrets can read.
  if (text(found, 'type') === 'gateway.envoyproxy.io/sds') {
    return untrusted('SDS Secret reference is not enabled in EnvoyGateway configuration');
  }
  const data = { ...fieldsOf(found, 'data'), ...(found as unknown as { stringData?: Fields }).stringData };
  // By its usual names, else the only one that there is.
  const isThere = 'ca.crt' in data || 'tls.crt' in data || Object.keys(data).length === 1;
  return isThere ? undefined : untrusted(`no ca found in ${called} ${name}`);
}
