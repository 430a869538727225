/**
 * cert-manager: issuers, and the way of a Certificate through CertificateRequest, Order and Challenge [cert-manager 1.19].
 *
 * What keys, requests and certificates hold are dummies. Each step takes a pass, so that who watches sees it go.
 */
import type { Controller } from '../cluster.ts';
import { processOf } from '../processes.ts';
import { certificates } from './certificates.ts';
import { challenges } from './challenges.ts';
import { issuers } from './issuers.ts';
import { orders } from './orders.ts';
import { certificateRequests } from './requests.ts';
import { settingsOf } from './settings.ts';

export const certManager: Controller = (cluster) => {
  const process = processOf(cluster, /cert-manager-controller(?:[:@]|$)/);
  if (process === undefined) return;
  const settings = settingsOf(process);
  issuers(cluster, settings);
  certificates(cluster, settings);
  certificateRequests(cluster);
  orders(cluster);
  challenges(cluster, settings);
};
