/** What an EnvoyProxy says of the Service in front of Envoy: which Gateways it is for, where it stands, how it is changed. */
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import type { Shell } from '../../../src/runbook/shell.ts';
import { mergePatch } from '../../models/patches.ts';
import { tailnetGateways, type ResolvedGateway, type Topology } from '../../models/topology.ts';

export type EnvoyProxy = KubeObject<'EnvoyProxy'>;

/** A Gateway whose Service an EnvoyProxy shapes. */
export type Shaped = ResolvedGateway & { envoyProxy: EnvoyProxy };

export const shapedGateways = (values: Topology): readonly Shaped[] =>
  tailnetGateways(values).flatMap((one) =>
    one.envoyProxy === undefined ? [] : [{ ...one, envoyProxy: one.envoyProxy }],
  );

export const noEnvoyProxy = 'There is no EnvoyProxy that could ask for anything.';

export const servicePath = 'spec.provider.kubernetes.envoyService';

/** Writes some fields of what is asked for; the provider may be left out altogether, so its type goes with them. */
export const changeService = ({ metadata }: EnvoyProxy, fields: Readonly<Record<string, unknown>>): Shell =>
  mergePatch('envoyproxy', metadata, {
    spec: { provider: { type: 'Kubernetes', kubernetes: { envoyService: fields } } },
  });
