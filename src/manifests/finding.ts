/** What is wrong with a manifest, where, and what to do. */
import type { Manifest, Place } from './manifest.ts';

/** What can be wrong with manifests by themselves, with what they refer to, and with files that hold none. */
export const manifestFindings = {
  read: ['unusable'],
  valid: ['refused', 'ignored', 'standsTwice', 'noNamespace', 'strayNamespace'],
  fits: [
    'portMissing',
    'targetMissing',
    'selectsNothing',
    'sectionMissing',
    'notAdmitted',
    'hostnameNotTaken',
    'foreignTarget',
    'switchedOff',
    'gatewayRefused',
    'listenerRefused',
    'parametersRefused',
    'policyRefused',
    'routeRefused',
  ],
} as const;

export type ManifestFinding = (typeof manifestFindings)[keyof typeof manifestFindings][number];

export interface Finding {
  manifest: Manifest;
  outcome: 'failed' | 'warned';
  what: ManifestFinding;
  place: Place;
  path: string;
  observed: unknown;
  expected: string;
  /** One sentence, without the place. */
  message: string;
  /** What to do. */
  advice: string;
}
