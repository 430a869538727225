/** What Helm charts write on everything that they install. */
import type { Labels } from './build/basics.ts';

/** `app.kubernetes.io/…` of a part of a release. */
export const part = (release: string, name: string, more: Labels = {}): Labels => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/instance': release,
  ...more,
});

export const byHelm: Labels = { 'app.kubernetes.io/managed-by': 'Helm' };
