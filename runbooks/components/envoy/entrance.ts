/** Envoy: where the request of a run enters. */
import type { Inputs } from '../../../src/runbook/read.ts';
import { requestOf, type RequestValues } from '../../models/request.ts';
import { stack } from '#stack';

export const device = `${stack.device.name}.${stack.tailnet}`;

/** Where the request of a run enters; nothing when it cannot. */
export function entranceOf(
  values: RequestValues,
  inputs: Inputs,
): { host: string; port: number; servername: string } | undefined {
  const request = requestOf(values, inputs);
  const host = request?.addresses[0] ?? request?.devices[0];
  return request?.port === undefined || host === undefined
    ? undefined
    : { host, port: request.port, servername: request.hostname };
}
