/** The certificates that a listener serves: whether the Secrets can be used, and for which names they are. */
import { list, text, type Fields } from '../formats/fields.ts';
import { certificateOf, isKeyOf, plain, type Certificate } from './certificates.ts';
import { holderOf, unresolved, type Listener } from './listener.ts';
import { gatewayApi, isPermitted, namespaceOf, placeOf, targetOf, untold, type Resource, type World } from './world.ts';

interface Bad {
  reason: string;
  message: string;
  index: number;
}

/** Judges the Secrets of a listener; those of which nobody can tell are taken for sound. */
export function judgeCertificates(listener: Listener, world: World): boolean {
  const references = list(listener.spec, 'tls', 'certificateRefs');
  const looked = references.map((reference, index) => lookUp(listener, reference, index, world));
  const bad = looked.filter((one): one is Bad => one !== untold && 'reason' in one);
  const secrets = looked.filter((one): one is Resource => one !== untold && 'metadata' in one);
  const isAnyUntold = looked.includes(untold);
  if (secrets.length === 0 && !isAnyUntold) {
    const isNotPermitted = bad.every(({ reason }) => reason === 'RefNotPermitted');
    const reason = isNotPermitted ? 'RefNotPermitted' : 'InvalidCertificateRef';
    return refuse(listener, reason, `No valid secrets exist: ${lines(bad)}`, bad[0]?.index);
  }
  const { unusable, names } = contentsOf(secrets);
  if (unusable.length === secrets.length && secrets.length > 0 && !isAnyUntold) {
    return refuse(listener, 'InvalidCertificateRef', `No valid secrets exist: ${unusable.join('\n')}.`);
  }
  listener.certifiedNames = names;
  if (bad.length > 0 || unusable.length > 0) {
    const all = [lines(bad), ...unusable].filter((line) => line !== '').join('\n');
    refuse(listener, 'PartiallyInvalidCertificateRef', `Some secrets are invalid: ${all}`, bad[0]?.index);
  }
  return true;
}

const lines = (bad: readonly Bad[]): string =>
  bad.map(({ message, index }) => `certificate refs ${index}: ${message}`).join('\n');

const refuse = (listener: Listener, reason: string, message: string, index = 0): false =>
  unresolved(listener, reason, message, 'tls', 'certificateRefs', index);

function lookUp(listener: Listener, reference: unknown, index: number, world: World): Resource | Bad | typeof untold {
  const bad = (message: string, reason = 'InvalidCertificateRef'): Bad => ({ message, reason, index });
  if (text(reference, 'group') !== '') return bad("Listener's TLS certificate ref group must be unspecified/empty.");
  const holder = holderOf(listener);
  const to = targetOf(reference, namespaceOf(holder), 'Secret');
  if (to.kind !== 'Secret') return bad("Listener's TLS certificate ref kind must be Secret.");
  const place = `${to.namespace}/${to.name}`;
  if (!isPermitted(world, { group: gatewayApi, kind: holder.kind, namespace: namespaceOf(holder) }, to)) {
    return bad(`Certificate ref to secret ${place} not permitted by any ReferenceGrant.`, 'RefNotPermitted');
  }
  const secret = world.find('Secret', to.namespace, to.name);
  if (secret === untold) return untold;
  if (secret === undefined) return bad(`Secret ${place} does not exist.`);
  if (text(secret, 'type') !== 'kubernetes.io/tls') {
    return bad(`Secret ${place} must be of type kubernetes.io/tls.`);
  }
  return hasPair(secret) ? secret : bad(`Secret ${place} must contain tls.crt and tls.key.`);
}

/** Whether a Secret holds something by the names of a certificate and its key. */
export const hasPair = (secret: Resource): boolean =>
  ['tls.crt', 'tls.key'].every((key) => valueOf(secret, key) !== '');

/** A Secret's value: its base64, or the text that somebody wrote in its place. */
const valueOf = (secret: Resource, key: string): string => {
  const { data, stringData } = secret as unknown as Fields;
  return text(stringData, key) || plain(text(data, key));
};

/** What Secrets hold, and what of it is no pair; a pair that is no PEM is left to who uses it. */
function contentsOf(secrets: readonly Resource[]): { unusable: readonly string[]; names: readonly string[] } {
  const taken = new Set<string>();
  const unusable: string[] = [];
  const names: string[] = [];
  for (const secret of secrets) {
    const certificate = certificateOf(valueOf(secret, 'tls.crt'));
    if (certificate === undefined) continue;
    const why = refusalOf(secret, certificate, taken);
    if (why === undefined) names.push(...certificate.dnsNames);
    else unusable.push(`${placeOf(secret)} ${why}`);
  }
  return { unusable, names };
}

function refusalOf(secret: Resource, certificate: Certificate, taken: Set<string>): string | undefined {
  if (isKeyOf(valueOf(secret, 'tls.key'), certificate) === false) {
    return 'must contain a matching tls.crt and tls.key: tls: private key does not match public key';
  }
  for (const domain of new Set(certificate.domains)) {
    const key = `${certificate.algorithm}/${domain}`;
    if (taken.has(key)) {
      return `public key algorithm must be unique, certificate domain ${domain} has a conflicting algorithm`;
    }
    taken.add(key);
  }
  return undefined;
}
