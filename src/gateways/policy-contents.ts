/** What policies refer to: whether it is there, and holds what it should [internal/gatewayapi/securitypolicy.go, envoyextensionpolicy.go, clienttrafficpolicy.go]. */
import { at, fieldsOf, isFields, list, number, text } from '../formats/fields.ts';
import { absence, isDynamic, refusalOf } from './backends.ts';
import { tlsProblem, type TlsPolicies } from './backend-tls.ts';
import { caRefusal } from './ca-certificates.ts';
import { bodyRefusal, hasValue, secretOf } from './extension-filters.ts';
import {
  backendGroups,
  envoyGateway,
  isPermitted,
  namespaceOf,
  targetOf,
  untold,
  type Resource,
  type World,
} from './world.ts';

/** A part of a policy, its name in messages, and what is looked at in it. */
type Look = (world: World, policy: Resource, tls: TlsPolicies) => string | undefined;

/** The first problem among some. */
const first = <T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined =>
  items.map(look).find((one) => one !== undefined);

const named =
  (called: string, look: Look): Look =>
  (world, policy, tls) => {
    const why = look(world, policy, tls);
    return why === undefined ? undefined : `${called}: ${why}`;
  };

/** Services and the like that a policy sends something to, at places of its spec. */
const backendsAt =
  (...path: readonly string[]): Look =>
  (world, policy, tls) =>
    first(
      referencesAt(at(policy, 'spec'), path),
      (reference) =>
        serviceProblem(world, policy, reference) ??
        // A BackendTLSPolicy is told of the policy that leads to it.
        tlsProblem(world, reference, namespaceOf(policy), {
          parent: referenceTo(policy),
          own: undefined,
          policies: tls,
        }),
    );

const referenceTo = ({ kind, metadata: { namespace, name } }: Resource): unknown => ({
  ...{ group: envoyGateway, kind, namespace, name },
});

/** What stands at a path, in which a list stands for each of its items. */
function referencesAt(value: unknown, [step, ...rest]: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => referencesAt(one, step === undefined ? [] : [step, ...rest]));
  if (step === undefined) return isFields(value) ? [value] : [];
  return referencesAt(at(value, step), rest);
}

/** [internal/gatewayapi/validate.go, validateExtServiceBackendReference] */
function serviceProblem(world: World, policy: Resource, reference: unknown): string | undefined {
  const to = targetOf(reference, namespaceOf(policy), 'Service');
  if (!backendGroups.includes(to.group)) return `group is invalid: ${to.group}`;
  if (!['Service', 'ServiceImport', 'Backend'].includes(to.kind)) {
    return "kind is invalid, only Service (specified by omitting the kind field or setting it to 'Service'), ServiceImport, and Backend are supported";
  }
  if (to.kind !== 'Backend' && at(reference, 'port') === undefined) {
    return 'a valid port number corresponding to a port on the Service must be specified';
  }
  const found = to.kind === 'Backend' ? world.find('Backend', to.namespace, to.name) : undefined;
  if (to.kind === 'Backend' && found === undefined) return `backend ${to.namespace}/${to.name} not found`;
  if (found !== undefined && found !== untold && isDynamic(found)) {
    return `dynamic resolver backend ${to.namespace}/${to.name} is not supported`;
  }
  const wrong = to.kind === 'Backend' ? undefined : absence(world, to, number(reference, 'port'), 'TCP');
  if (wrong !== undefined) return wrong.message;
  const from = { group: envoyGateway, kind: policy.kind, namespace: namespaceOf(policy) };
  if (!isPermitted(world, from, to)) {
    return `backend ref to ${to.kind} ${to.namespace}/${to.name} not permitted by any ReferenceGrant`;
  }
  return found === undefined || found === untold ? undefined : refusalOf(world, found)?.message;
}

/** Secrets that a policy takes something from, each with the key that it has to have; any when left out. */
const secretsAt =
  (key: string | undefined, ...path: readonly string[]): Look =>
  (world, policy) =>
    first(referencesAt(at(policy, 'spec'), path), (reference) => {
      const found = secretOf(world, policy, reference, true);
      if (typeof found === 'string') return found;
      if (found === untold || key === undefined || hasValue(found, key)) return undefined;
      return `${key} not found in secret ${namespaceOf(found)}/${found.metadata.name}`;
    });

/** Programs in Lua, which may stand in a ConfigMap. */
const luaSources: Look = (world, policy) =>
  first(list(policy, 'spec', 'lua'), (lua) => {
    if (text(lua, 'type') !== 'ValueRef') return undefined;
    const [namespace, name] = [namespaceOf(policy), text(lua, 'valueRef', 'name')];
    const found = world.find('ConfigMap', namespace, name);
    if (found === untold) return undefined;
    if (found === undefined) return `can't find the referenced configmap ${name} in namespace ${namespace}`;
    const keys = Object.keys(fieldsOf(found, 'data'));
    return keys.length > 0 ? undefined : `can't find the key lua in the referenced configmap ${name}`;
  });

const bodies: Look = (world, policy) =>
  first(list(policy, 'spec', 'responseOverride'), (override) => bodyRefusal(world, policy, at(override, 'response')));

const clientCertificates: Look = (world, policy) => {
  const references = list(policy, 'spec', 'tls', 'clientValidation', 'caCertificateRefs').map((reference) => ({
    ...fieldsOf(reference),
    kind: text(reference, 'kind') || 'Secret',
  }));
  const from = { group: envoyGateway, kind: policy.kind, namespace: namespaceOf(policy) };
  return references.length === 0 ? undefined : caRefusal(world, references, from)?.message;
};

const looks: Readonly<Record<string, readonly Look[]>> = {
  SecurityPolicy: [
    named('APIKeyAuth', secretsAt(undefined, 'apiKeyAuth', 'credentialRefs')),
    named('BasicAuth', secretsAt('.htpasswd', 'basicAuth', 'users')),
    named('ExtAuth', backendsAt('extAuth', 'grpc', 'backendRefs')),
    named('ExtAuth', backendsAt('extAuth', 'grpc', 'backendRef')),
    named('ExtAuth', backendsAt('extAuth', 'http', 'backendRefs')),
    named('ExtAuth', backendsAt('extAuth', 'http', 'backendRef')),
    named('JWT', backendsAt('jwt', 'providers', 'remoteJWKS', 'backendRefs')),
    named('OIDC', secretsAt('client-secret', 'oidc', 'clientSecret')),
    named('OIDC', backendsAt('oidc', 'provider', 'backendRefs')),
  ],
  EnvoyExtensionPolicy: [
    named('ExtProc', backendsAt('extProc', 'backendRefs')),
    named('Lua', luaSources),
    named('WASM', secretsAt(undefined, 'wasm', 'code', 'image', 'pullSecretRef')),
  ],
  BackendTrafficPolicy: [named('ResponseOverride', bodies)],
  ClientTrafficPolicy: [named('TLS', clientCertificates)],
};

/** Why a policy cannot do what it says, whatever it is about. */
export const contentProblem: Look = (world, policy, tls) =>
  first(looks[policy.kind] ?? [], (look) => look(world, policy, tls));

/** Fields that are taken, and are to be written otherwise. */
const deprecated: Readonly<Record<string, readonly (readonly [path: string, better: string])[]>> = {
  BackendTrafficPolicy: [['compression', 'spec.compressor']],
  ClientTrafficPolicy: [
    ['enableProxyProtocol', 'spec.proxyProtocol'],
    ['headers.preserveXRequestID', 'spec.headers.requestID'],
    ['tls.clientValidation.optional', 'spec.tls.clientValidation.mode'],
  ],
  SecurityPolicy: [
    ['extAuth.grpc.backendRef', 'spec.extAuth.grpc.backendRefs'],
    ['extAuth.http.backendRef', 'spec.extAuth.http.backendRefs'],
  ],
};

/** What a policy is warned of; empty where nothing is. */
export const deprecations = (policy: Resource): string =>
  [['targetRef', 'spec.targetRefs'] as const, ...(deprecated[policy.kind] ?? [])]
    .filter(([path]) => at(policy, 'spec', ...path.split('.')) !== undefined)
    .map(([path, better]) => `spec.${path} is deprecated, use ${better} instead`)
    .sort()
    .join('; ');
