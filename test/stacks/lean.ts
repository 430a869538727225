/**
 * The other stack without any of the parts that one may lack: credentials and DNS records are made by hand, another CNI is the network, and each hostname
 * has a certificate of its own. What is told of it may hold no word of them. Node, vite and vitest take it for `#stack` under the condition `handbook-lean`.
 */
import type { Stack } from '../../runbooks/stack-type.ts';
import { stack as other } from './other.ts';

export const stack: Stack = {
  ...other,
  gateway: { ...other.gateway, listener: 'tls-{host}' },
  certificate: { namespace: 'ingress', name: '{host}-of-lab', secret: '{host}-pair', covers: 'hostname' },
  internalService: null,
  cilium: null,
  externalDns: null,
  externalSecrets: null,
  vault: null,
  tailnetResolver: null,
  splitHorizon: null,
};
