/** EnvoyProxy: the object that asks for a Service of the Tailscale Operator's class in front of Envoy. */
export { asksForStableName } from './name.ts';
export { asksForTailscale } from './request.ts';
