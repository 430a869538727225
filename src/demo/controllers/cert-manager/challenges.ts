/** Challenges: a record written, seen, and accepted; then tidied away [cert-manager 1.19, pkg/controller/acmechallenges]. */
import { at, fieldsOf, list, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/lifetime.ts';
import { clusterDnsFiles } from '../cluster-dns.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { warn } from '../../../../packages/apiserver/controllers/complaints.ts';
import { issuerOf, isReady, secretsOf } from './common.ts';
import { challengeFinalizer } from './orders.ts';
import { hides } from './self-check.ts';
import type { Settings } from './settings.ts';

const source = 'cert-manager-challenges';

/** A real one tries again after five seconds, and then less and less often; here in each pass, so that nobody waits for it. */
export function challenges(cluster: Cluster, settings: Settings): void {
  for (const challenge of cluster.list(kinds.Challenge)) {
    if (isTerminating(challenge)) cleanUp(cluster, challenge, settings);
    else follow(cluster, challenge, settings);
  }
}

/** Takes the record away again. What the DNS provider refuses keeps the Challenge from going. */
function cleanUp(cluster: Cluster, challenge: StoredObject, settings: Settings): void {
  const finalizers = list(challenge, 'metadata', 'finalizers');
  if (!finalizers.includes(challengeFinalizer)) return;
  const issuer = issuerOf(cluster, challenge);
  const isPresented = at(challenge, 'status', 'presented') === true;
  const refusal = issuer === undefined || !isPresented ? undefined : refusalOf(cluster, challenge, issuer, settings);
  if (refusal !== undefined) {
    warn(cluster, challenge, source, 'CleanUpError', `Error cleaning up challenge: ${refusal}`);
    cluster.setStatus(challenge, { reason: refusal });
    return;
  }
  const left = finalizers.filter((finalizer) => finalizer !== challengeFinalizer);
  cluster.replace({ ...challenge, metadata: { ...challenge.metadata, finalizers: left } });
}

function follow(cluster: Cluster, challenge: StoredObject, settings: Settings): void {
  const state = text(challenge, 'status', 'state');
  if (['valid', 'invalid', 'expired', 'errored', 'ready'].includes(state)) return;
  const issuer = issuerOf(cluster, challenge);
  if (issuer === undefined || !isReady(issuer)) return;
  if (state === '') {
    cluster.setStatus(challenge, { presented: false, processing: true, state: 'pending' });
    cluster.event(challenge, source, 'Normal', 'Started', 'Challenge scheduled for processing');
    return;
  }
  const type = text(challenge, 'spec', 'type');
  if (at(challenge, 'status', 'presented') !== true) {
    const refusal = refusalOf(cluster, challenge, issuer, settings);
    if (refusal !== undefined) {
      warn(cluster, challenge, source, 'PresentError', `Error presenting challenge: ${refusal}`);
      cluster.setStatus(challenge, { reason: refusal });
      return;
    }
    cluster.setStatus(challenge, { presented: true, reason: undefined });
    cluster.event(challenge, source, 'Normal', 'Presented', `Presented challenge using ${type} challenge mechanism`);
    return;
  }
  const obstacle = obstacleOf(cluster, challenge, settings);
  if (obstacle !== undefined) {
    cluster.setStatus(challenge, { reason: `Waiting for ${type} challenge propagation: ${obstacle}` });
    return;
  }
  const domain = text(challenge, 'spec', 'dnsName');
  cluster.setStatus(challenge, { state: 'valid', processing: false, reason: 'Successfully authorized domain' });
  cluster.event(challenge, source, 'Normal', 'DomainVerified', `Domain "${domain}" verified with "${type}" validation`);
}

/** Why cert-manager does not see what it presented; undefined when it does. */
function obstacleOf(cluster: Cluster, challenge: StoredObject, { asksElsewhere }: Settings): string | undefined {
  const domain = text(challenge, 'spec', 'dnsName');
  if (text(challenge, 'spec', 'type') === 'HTTP-01') {
    const url = `http://${domain}/.well-known/acme-challenge/${text(challenge, 'spec', 'token')}`;
    return `failed to perform self check GET request '${url}': Get "${url}": context deadline exceeded`;
  }
  const corefile = clusterDnsFiles(cluster)['Corefile'] ?? '';
  const isHidden = !asksElsewhere && corefile !== '' && hides(corefile, `_acme-challenge.${domain}`);
  return isHidden ? `DNS record for "${domain}" not yet propagated` : undefined;
}

/** Why the DNS provider cannot be told; undefined when it can [pkg/issuer/acme/dns]. */
function refusalOf(
  cluster: Cluster,
  challenge: StoredObject,
  issuer: StoredObject,
  settings: Settings,
): string | undefined {
  const namespace = secretsOf(issuer, settings);
  const dns01 = at(challenge, 'spec', 'solver', 'dns01');
  for (const [provider, options] of Object.entries(fieldsOf(dns01))) {
    const references = Object.entries(fieldsOf(options)).filter(([field]) => field.endsWith('SecretRef'));
    for (const [, reference] of references) {
      const name = text(reference, 'name');
      const secret = cluster.get(kinds.Secret, namespace, name);
      if (secret === undefined) return `error getting ${provider.toLowerCase()} secret: secrets "${name}" not found`;
      const key = text(reference, 'key');
      if (key !== '' && strings(secret, 'data')[key] === undefined) {
        return `specified key "${key}" not found in secret ${namespace}/${name}`;
      }
    }
    const { refuses } = cluster.world.cloudflare;
    if (provider === 'cloudflare' && refuses !== null) {
      const record = `_acme-challenge.${text(challenge, 'spec', 'dnsName')}`;
      return `while attempting to find Zones for domain ${record}\nwhile querying the Cloudflare API for GET "/zones?name=${record}" \n\t Error: ${refuses}`;
    }
  }
  return undefined;
}
