/**
 * The other stack without any of the parts that one may lack: credentials and DNS records are made by hand, and another CNI is the network. What is told of
 * it may hold no word of them. Node, vite and vitest take it for `#stack` under the condition `handbook-lean`.
 */
import type { Stack } from '../../runbooks/stack-type.ts';
import { stack as other } from './other.ts';

export const stack: Stack = {
  ...other,
  internalService: null,
  cilium: null,
  externalDns: null,
  externalSecrets: null,
  vault: null,
  tailnetResolver: null,
  splitHorizon: null,
};
