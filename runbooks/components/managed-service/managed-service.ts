/** Managed Service: what Envoy Gateway puts in front of Envoy, and the Tailscale Operator exposes on the tailnet. */
import { defineCheck, nameOf, pass, refOf, skip, type Check, type Judgement } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition } from '../../models/conditions.ts';
import { topologyReads } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import { ingressHosts, isForTailscale, requestedService, tailnetGateways } from '../../models/topology.ts';
import * as certificate from '../certificate/certificate.ts';
import { mayBeReferenced } from '../certificate/reference.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as envoyproxy from '../envoyproxy/envoyproxy.ts';
import { eachGateway, readLog, restart, type Gateway } from '../gateway/gateways.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import * as tailscaleOperator from '../tailscale-operator/tailscale-operator.ts';
import * as tailscaleProxy from '../tailscale-proxy/tailscale-proxy.ts';
