/** Listeners of all Gateways: each by itself, then beside one another, then what is said of it [internal/gatewayapi/listener.go, ProcessListeners]. */
import { judgeConflicts } from './conflicts.ts';
import type { JudgedGateway } from './gateway.ts';
import { isWrong, judgeListener, judgeTls, sayOf, type Listener } from './listener.ts';
import { judgeCertificates } from './listener-certificates.ts';
import { judgeOverlaps } from './overlaps.ts';
import type { World } from './world.ts';

/** @param gateways Of one class. */
export function judgeListeners(world: World, gateways: readonly JudgedGateway[]): void {
  const all = gateways.map(({ listeners }) => listeners);
  for (const listener of all.flat()) listener.isSound = isSound(world, listener);
  const areMerged = gateways.some((one) => one.areMerged);
  judgeConflicts(all, areMerged);
  for (const listener of all.flat()) conclude(listener);
  judgeOverlaps(
    all.map((listeners) => listeners.filter((one) => !isWrong(one))),
    areMerged,
  );
}

function isSound(world: World, listener: Listener): boolean {
  const isSelf = judgeListener(listener);
  const tls = judgeTls(listener);
  const isTls = tls === 'certificates' ? judgeCertificates(listener, world) : tls === 'sound';
  const wrong = listener.clientCertificates;
  if (wrong === undefined) return isSelf && isTls;
  sayOf(listener, wrong);
  sayOf(listener, { ...wrong, type: 'Programmed' });
  sayOf(listener, { ...wrong, type: 'Accepted', reason: 'NoValidCACertificate' });
  return false;
}

const programmed = {
  type: 'Programmed',
  status: 'True',
  reason: 'Programmed',
  message: 'Sending translated listener configuration to the data plane',
} as const;
const accepted = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'Listener has been successfully translated',
} as const;
const resolved = {
  type: 'ResolvedRefs',
  status: 'True',
  reason: 'ResolvedRefs',
  message: 'Listener references have been resolved',
} as const;
const invalid = {
  type: 'Programmed',
  status: 'False',
  reason: 'Invalid',
  message: 'Listener is invalid, see other Conditions for details.',
} as const;

/** What is said beside what is wrong; of a bad certificate alone, that the listener itself is right. */
function conclude(listener: Listener): void {
  const { verdicts, set } = listener;
  if (verdicts.size === 0) {
    for (const verdict of [programmed, accepted, resolved]) sayOf(listener, verdict);
    const clear = {
      type: 'Conflicted',
      status: 'False',
      reason: 'NoConflicts',
      message: 'No conflicts detected',
    } as const;
    if (set !== undefined) sayOf(listener, clear);
    return;
  }
  const only = verdicts.size === 1 ? verdicts.get('ResolvedRefs')?.reason : undefined;
  if (only === 'PartiallyInvalidCertificateRef' || only === 'InvalidCertificateRef') {
    sayOf(listener, accepted);
    sayOf(listener, only === 'InvalidCertificateRef' ? invalid : programmed);
    return;
  }
  if (!verdicts.has('Programmed')) sayOf(listener, invalid);
  if (!verdicts.has('ResolvedRefs')) sayOf(listener, resolved);
}
