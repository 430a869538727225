/** A Gateway, and what Envoy Gateway thinks of it. */
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import type { JudgedListener } from './listeners.ts';

export interface JudgedGateway {
  /** `<namespace>/<name>`. */
  key: string;
  gateway: StoredObject;
  envoyProxy: StoredObject | undefined;
  /** What is wrong with the parameters of the Gateway itself. */
  problem: string | undefined;
  listeners: readonly JudgedListener[];
}
