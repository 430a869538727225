/** GatewayClass: names the controller and, by `spec.parametersRef`, the EnvoyProxy that shapes what it makes. */
export { accepted } from './accepted.ts';
export { exists } from './existence.ts';
export { parametersResolve } from './parameters.ts';
