/** EnvoyPatchPolicies: patches of what Envoy is told, which the configuration has to switch on [internal/gatewayapi/envoypatchpolicy.go]. */
import { text } from '../formats/fields.ts';
import type { Ancestor } from './backend-tls.ts';
import type { JudgedGateway } from './gateway.ts';
import { ancestor } from './policy-targets.ts';
import type { Verdict } from './verdicts.ts';
import { gatewayApi, namespaceOf, placeOf, type Resource, type World } from './world.ts';

interface Around {
  world: World;
  gateways: readonly JudgedGateway[];
}

export function judgePatch(policy: Resource, { world, gateways }: Around, said: Map<Resource, Ancestor[]>): void {
  const target = { kind: text(policy, 'spec', 'targetRef', 'kind'), name: text(policy, 'spec', 'targetRef', 'name') };
  const place = `${namespaceOf(policy)}/${target.name}`;
  const isMerged = gateways.some(({ areMerged }) => areMerged);
  const found = gateways.some(({ gateway }) =>
    isMerged ? text(gateway, 'spec', 'gatewayClassName') === target.name : placeOf(gateway) === place,
  );
  if (!found) return;
  const wanted = isMerged ? 'GatewayClass' : 'Gateway';
  const reference = isMerged
    ? { group: gatewayApi, kind: wanted, name: target.name }
    : ancestor(wanted, namespaceOf(policy), target.name, '');
  const refuse = (reason: string, message: string): Verdict => ({
    type: 'Accepted',
    status: 'False',
    reason,
    message,
    at: ['spec'],
  });
  const verdict: Verdict = !world.settings.patchPolicies
    ? refuse('Disabled', 'EnvoyPatchPolicy is disabled in the EnvoyGateway configuration')
    : target.kind !== wanted
      ? refuse(
          'Invalid',
          `TargetRef.Kind:${target.kind}, only TargetRef.Group:${gatewayApi} and TargetRef.Kind:${wanted} is supported.`,
        )
      : { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Policy has been accepted.' };
  said.set(policy, [{ reference, verdicts: new Map([[verdict.type, verdict]]) }]);
}
