/** Every fact that we wrote out, by kind. */
import { envoyGateway } from './envoy-gateway.ts';
import { externalSecrets } from './external-secrets.ts';
import type { Facts } from './facts.ts';
import { gatewayApi } from './gateway-api.ts';

export const facts: readonly Facts[] = [...gatewayApi, ...envoyGateway, ...externalSecrets];

export const factsOf = (group: string, version: string, kind: string): Facts | undefined =>
  facts.find((known) => known.group === group && known.kind === kind && known.versions.includes(version));
