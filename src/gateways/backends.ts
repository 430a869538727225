/** What routes and telemetry send requests to: whether it is there, may be named, and has the port and somebody behind it. */
import { at, fieldsOf, isFields, list, number, text } from '../formats/fields.ts';
import { namesAddress, subdomainRefusals } from './names.ts';
import type { Path, Problem } from './verdicts.ts';
import {
  backendGroups,
  envoyGateway,
  gatewayApi,
  isPermitted,
  namespaceOf,
  targetOf,
  untold,
  type Resource,
  type Target,
  type World,
} from './world.ts';

/** Who refers to a backend. */
export interface Referrer {
  object: Resource;
  kind: string;
  /** Whether requests go to Services' own addresses, and not to who stands behind them. */
  routesToServices: boolean;
}

type Wrong = Omit<Problem, 'at'> | undefined;

const wrong = (reason: string, message: string, type = 'ResolvedRefs'): Wrong => ({ type, reason, message });

/** What is wrong with a reference of a route to a backend; undefined for one that can be used. Order and words are the controller's. */
export function backendProblem(world: World, by: Referrer, reference: unknown): Wrong {
  const home = namespaceOf(by.object);
  const to = targetOf(reference, home, 'Service');
  return (
    kindProblem(to) ??
    grantProblem(world, { group: gatewayApi, kind: by.kind, namespace: home }, to, reference) ??
    (to.kind !== 'Backend' && at(reference, 'port') === undefined
      ? wrong('PortNotSpecified', 'A valid port number corresponding to a port on the Service must be specified')
      : undefined) ??
    absence(world, to, number(reference, 'port'), by.kind === 'UDPRoute' ? 'UDP' : 'TCP')
  );
}

function kindProblem({ group, kind }: Target): Wrong {
  if (!backendGroups.includes(group)) {
    return wrong(
      'InvalidKind',
      'Group is invalid, only the core API group (specified by omitting the group field or setting it to an empty string), multicluster.x-k8s.io and gateway.envoyproxy.io are supported',
    );
  }
  return ['Service', 'ServiceImport', 'Backend'].includes(kind)
    ? undefined
    : wrong('InvalidKind', 'Kind is invalid, only Service, MCS ServiceImport and Envoy Gateway Backend are supported');
}

function grantProblem(
  world: World,
  from: Pick<Target, 'group' | 'kind' | 'namespace'>,
  to: Target,
  reference: unknown,
): Wrong {
  if (isPermitted(world, from, { ...to, group: text(reference, 'group') })) return undefined;
  return wrong(
    'RefNotPermitted',
    `Backend ref to ${to.kind} ${to.namespace}/${to.name} not permitted by any ReferenceGrant.`,
  );
}

/** Whether a backend of a kind is there, with the port. */
export function absence(world: World, to: Target, port: number, protocol: string, mayBeSocket = false): Wrong {
  if (to.kind === 'Backend') return backendAbsence(world, to, mayBeSocket);
  const found = world.find(to.kind, to.namespace, to.name);
  if (found === untold) return undefined;
  const place = `${to.namespace}/${to.name}`;
  const isImport = to.kind === 'ServiceImport';
  const called = isImport ? 'service import' : 'service';
  if (found === undefined) return wrong('BackendNotFound', `${called} ${place} not found`);
  if (!isImport && text(found, 'spec', 'type') === 'ExternalName') {
    return wrong(
      'UnsupportedValue',
      `Service ${place} is of type ExternalName, which is not supported as a backend; use an Envoy Gateway Backend resource with an FQDN endpoint instead`,
    );
  }
  const hasPort = list(found, 'spec', 'ports').some(
    (entry) => number(entry, 'port') === port && (text(entry, 'protocol') || 'TCP') === protocol,
  );
  const words = isImport
    ? `${protocol} port ${port} not found on service import`
    : `${protocol} Port ${port} not found on Service`;
  return hasPort ? undefined : wrong('PortNotFound', `${words} ${place}`);
}

function backendAbsence(world: World, { namespace, name }: Target, mayBeSocket: boolean): Wrong {
  if (!world.settings.backends) return wrong('UnsupportedValue', 'Backend is disabled in Envoy Gateway configuration');
  const backend = world.find('Backend', namespace, name);
  if (backend === untold) return undefined;
  if (backend === undefined) return wrong('BackendNotFound', `Backend ${namespace}/${name} not found`);
  const refused = refusalOf(world, backend);
  if (refused !== undefined) return refused;
  const isSocket = list(backend, 'spec', 'endpoints').some((endpoint) => isFields(at(endpoint, 'unix')));
  return isSocket && !mayBeSocket
    ? wrong('UnsupportedAddressType', 'unix domain sockets are not supported in backend references')
    : undefined;
}

/** What the controller refuses in a Backend itself [internal/gatewayapi/backend.go]. */
export function refusalOf(world: World, backend: Resource): (Wrong & { at?: Path }) | undefined {
  const endpoints = list(backend, 'spec', 'endpoints');
  if (isDynamic(backend) && endpoints.length > 0) {
    return wrong('InvalidBackendRef', 'DynamicResolver type cannot have endpoints specified');
  }
  return tlsRefusal(world, backend) ?? endpoints.map(endpointRefusal).find((one) => one !== undefined);
}

export const isDynamic = (backend: Resource): boolean => text(backend, 'spec', 'type') === 'DynamicResolver';

const portsOf = (backend: Resource): readonly string[] =>
  list(backend, 'spec', 'endpoints').flatMap(
    (endpoint) => text(endpoint, 'fqdn', 'port') || text(endpoint, 'ip', 'port') || [],
  );

function tlsRefusal(world: World, backend: Resource): Wrong {
  const tls = at(backend, 'spec', 'tls');
  if (!isFields(tls)) return undefined;
  const isTrusted =
    tls['insecureSkipVerify'] === true ||
    text(tls, 'wellKnownCACertificates') !== '' ||
    list(tls, 'caCertificateRefs').length > 0 ||
    isTrustedByPolicy(world, backend);
  if (!isTrusted) {
    return wrong(
      'InvalidBackendRef',
      'must specify either CACertificateRefs or WellKnownCACertificates when InsecureSkipVerify is unset or false',
    );
  }
  const home = namespaceOf(backend);
  const namespace = text(tls, 'clientCertificateRef', 'namespace') || home;
  return namespace === home
    ? undefined
    : wrong(
        'InvalidBackendRef',
        `clientCertificateRef Secret is not located in the same namespace as Backend. Secret namespace: ${namespace} does not match Backend namespace: ${home}`,
      );
}

/** A BackendTLSPolicy may say whom to trust: of the whole Backend, or of each of its ports. */
function isTrustedByPolicy(world: World, backend: Resource): boolean {
  const about = world.list('BackendTLSPolicy').flatMap((policy) =>
    list(policy, 'spec', 'targetRefs')
      .filter(
        (target) =>
          text(target, 'group') === envoyGateway &&
          text(target, 'kind') === 'Backend' &&
          text(target, 'name') === backend.metadata.name,
      )
      .map((target) => ({ section: text(target, 'sectionName'), validation: fieldsOf(policy, 'spec', 'validation') })),
  );
  const trusts = (validation: unknown): boolean =>
    text(validation, 'wellKnownCACertificates') !== '' || list(validation, 'caCertificateRefs').length > 0;
  const ports = portsOf(backend);
  return (
    about.some(({ section, validation }) => section === '' && trusts(validation)) ||
    (ports.length > 0 && ports.every((port) => about.some(({ section }) => section === port)))
  );
}

function endpointRefusal(endpoint: unknown): Wrong {
  const fqdn = text(endpoint, 'fqdn', 'hostname');
  const address = text(endpoint, 'ip', 'address');
  return (
    hostnameRefusal(text(endpoint, 'hostname'), 'hostname') ??
    hostnameRefusal(fqdn, 'FQDN') ??
    (fqdn === '' && address !== '' ? addressRefusal(address) : undefined)
  );
}

function hostnameRefusal(hostname: string, called: string): Wrong {
  if (hostname === '') return undefined;
  if (subdomainRefusals(hostname.replace(/\.$/, '')).length > 0) {
    return wrong('InvalidAddress', `hostname ${hostname} is not a valid ${called}`);
  }
  if (!hostname.includes('.')) {
    return wrong(
      'InvalidAddress',
      `hostname ${hostname} should be a domain with at least two segments separated by dots`,
    );
  }
  return namesAddress(hostname) ? wrong('InvalidAddress', `hostname ${hostname} is an IP address`) : undefined;
}

function addressRefusal(address: string): Wrong {
  if (!namesAddress(address)) return wrong('InvalidAddress', `IP address ${address} is invalid`);
  return /^127\.|^::1$/.test(address)
    ? wrong(
        'InvalidAddress',
        `IP address ${address} in the loopback range is only supported when using the Host infrastructure`,
      )
    : undefined;
}

/** Whether a backend that can be used has nobody behind it; of what nobody tells, it is taken that it has. */
export function emptiness(world: World, by: Referrer, reference: unknown): Wrong {
  const to = targetOf(reference, namespaceOf(by.object), 'Service');
  if (to.kind === 'Backend') return undefined;
  const service = world.find(to.kind, to.namespace, to.name);
  if (service === undefined || service === untold) return undefined;
  if (by.routesToServices && to.kind === 'Service' && text(service, 'spec', 'clusterIP') !== 'None') return undefined;
  const label = to.kind === 'Service' ? 'kubernetes.io/service-name' : 'multicluster.kubernetes.io/service-name';
  const wanted = list(service, 'spec', 'ports').find((port) => number(port, 'port') === number(reference, 'port'));
  const slices = world
    .list('EndpointSlice')
    .filter((slice) => namespaceOf(slice) === to.namespace && text(slice, 'metadata', 'labels', label) === to.name);
  if (slices.length === 0 && world.find('EndpointSlice', to.namespace, '') === untold) return undefined;
  const isThere = slices.some(
    (slice) =>
      list(slice, 'endpoints').length > 0 &&
      list(slice, 'ports').some(
        (port) =>
          text(port, 'name') === text(wanted, 'name') &&
          (text(port, 'protocol') || 'TCP') === (text(wanted, 'protocol') || 'TCP'),
      ),
  );
  if (!isThere) {
    return wrong(
      'EndpointsNotFound',
      `no ready endpoints for the related ${to.kind} ${to.namespace}/${to.name}`,
      'BackendsAvailable',
    );
  }
  const kinds = new Set(slices.map((slice) => (text(slice, 'addressType') === 'FQDN' ? 'name' : 'address')));
  return kinds.size > 1
    ? wrong('UnsupportedAddressType', 'mixed endpointslice address type for the same backendRef is not supported')
    : undefined;
}
