/** HTTPS listeners of one port whose names overlap: browsers may use one connection for both. It is said, and refuses nothing. */
import { certificateCovers } from '../formats/hostname.ts';
import { isWrong, sayOf, type Listener } from './listener.ts';

interface Overlap {
  mine: string;
  theirs: string;
}

export function judgeOverlaps(gateways: readonly (readonly Listener[])[], areMerged: boolean): void {
  for (const listeners of areMerged ? [gateways.flat()] : gateways) {
    const https = listeners.filter((one) => one.protocol === 'HTTPS' && !isWrong(one));
    // Of both, the certificates say more.
    sayOverlaps(https, byHostname, 'OverlappingHostnames', 'hostname', '.');
    const follows =
      '. ALPN will default to HTTP/1.1 to prevent HTTP/2 connection coalescing, unless explicitly configured via ClientTrafficPolicy';
    sayOverlaps(https, byCertificate, 'OverlappingCertificates', 'certificate SAN', follows);
  }
}

/** A name that is left out is every name. */
const byHostname = (one: Listener, other: Listener): Overlap | undefined =>
  one.hostname === '' || other.hostname === '' || overlap(one.hostname, other.hostname)
    ? { mine: one.hostname, theirs: other.hostname }
    : undefined;

const byCertificate = (one: Listener, other: Listener): Overlap | undefined =>
  one.certifiedNames
    .flatMap((mine) => other.certifiedNames.map((theirs) => ({ mine, theirs })))
    .find(({ mine, theirs }) => overlap(mine, theirs));

const overlap = (one: string, other: string): boolean => certificateCovers(one, other) || certificateCovers(other, one);

/** Each is told of the first that it meets, and no further one. */
function sayOverlaps(
  listeners: readonly Listener[],
  meets: (one: Listener, other: Listener) => Overlap | undefined,
  reason: string,
  what: string,
  end: string,
): void {
  const met = new Map<Listener, { by: Listener; names: Overlap }>();
  listeners.forEach((one, index) => {
    if (met.has(one)) return;
    for (const other of listeners.slice(index + 1)) {
      const found = met.has(other) || one.port !== other.port ? undefined : meets(one, other);
      if (found === undefined) continue;
      met.set(one, { by: other, names: found });
      met.set(other, { by: one, names: { mine: found.theirs, theirs: found.mine } });
    }
  });
  for (const [listener, { by, names }] of met) {
    const elsewhere = by.gateway === listener.gateway ? '' : ` of gateway ${by.gateway.metadata.name}`;
    sayOf(listener, {
      type: 'OverlappingTLSConfig',
      status: 'True',
      reason,
      message: `The ${what} ${names.mine} overlaps with the ${what} ${names.theirs} in listener ${by.name}${elsewhere}${end}`,
    });
  }
}
