/** Who is who in a stack: what faults are about, and the changes that are made to it. */
import { fieldsOf, list, strings, type Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import { hasPart, listenerFor, listenersOf, type StackListener } from '../../../runbooks/stack-listeners.ts';
import type { App, Named } from '../../../runbooks/stack-type.ts';
import type { Healthy, Role } from '../fault.ts';
import { managedService } from '../objects/gateway.ts';

const objectOf = (
  kind: string,
  { objects }: Healthy,
  { namespace, name }: Partial<Named>,
): KubernetesObject | undefined =>
  objects.find(
    (object) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
  );

/** The object of a kind that the stack file names so. */
const called =
  (kind: string, nameOf: (stack: Healthy['stack']) => Partial<Named> | null): Role<KubernetesObject> =>
  (healthy) => {
    const name = nameOf(healthy.stack);
    return name === null ? undefined : objectOf(kind, healthy, name);
  };

export const gateway = called('Gateway', (stack) => stack.gateway);
export const gatewayClass = called('GatewayClass', (stack) => stack.gatewayClass);
export const envoyProxy = called('EnvoyProxy', (stack) => stack.envoyProxy);
/** The Service through which the tailnet reaches Envoy. */
export const gatewayService = called('Service', managedService);
export const internalService = called('Service', (stack) => stack.internalService);
/** Behind the listener of the app that examples follow. */
export const certificate = called('Certificate', (stack) => listenerFor(stack, stack.app.hostname).certificate);
/** One certificate for every hostname. */
export const wildcard: Role<true> = ({ stack }) => hasPart(stack, 'wildcard') || undefined;
/** The listeners of hostnames that have one each: two of them. */
export const ownListeners: Role<readonly [StackListener, StackListener]> = ({ stack }) => {
  const [first, second] = listenersOf(stack);
  return second && [first, second];
};
export const issuer = called('ClusterIssuer', (stack) => stack.clusterIssuer);
export const store = called(
  'ClusterSecretStore',
  ({ externalSecrets }) => externalSecrets && { name: externalSecrets.store },
);
export const dnsToken = called('ExternalSecret', ({ certManager }) => ({
  namespace: certManager.namespace,
  name: certManager.tokenSecret,
}));
/** The same where nothing copies it from anywhere: the Secret that somebody made. */
export const handmadeToken = called('Secret', ({ externalSecrets, certManager: { namespace, tokenSecret } }) =>
  externalSecrets === null ? { namespace, name: tokenSecret } : null,
);
export const coreDnsFiles = called('ConfigMap', ({ coredns }) => ({
  namespace: coredns.namespace,
  name: coredns.configMap,
}));
export const resolverFiles = called('ConfigMap', (stack) => stack.tailnetResolver);
export const updaterRight = called(
  'RoleBinding',
  ({ gateway: { namespace }, tailnetResolver }) => tailnetResolver && { namespace, name: tailnetResolver.updater },
);
export const ciliumSettings = called(
  'ConfigMap',
  ({ cilium }) => cilium && { namespace: cilium.namespace, name: cilium.configMap },
);
export const vaultServer = called('StatefulSet', ({ vault }) => vault && { namespace: vault.namespace, name: 'vault' });

const deployment = (nameOf: (stack: Healthy['stack']) => { namespace: string; deployment: string } | null) =>
  called('Deployment', (stack) => {
    const own = nameOf(stack);
    return own && { namespace: own.namespace, name: own.deployment };
  });

export const envoyGateway = deployment((stack) => stack.envoyGateway);
export const certManager = deployment((stack) => stack.certManager);
export const externalDns = deployment((stack) => stack.externalDns);
export const tailscaleOperator = deployment((stack) => stack.tailscaleOperator);

/** What the operator has made for the Gateway's Service, its StatefulSet first. */
export const gatewayProxy: Role<readonly KubernetesObject[]> = ({ stack, objects }) => {
  const { namespace, name } = managedService(stack);
  const own = objects.filter(
    ({ metadata }) =>
      strings(metadata, 'labels')['tailscale.com/parent-resource'] === name &&
      strings(metadata, 'labels')['tailscale.com/parent-resource-ns'] === namespace,
  );
  const ofKind = (kind: string): readonly KubernetesObject[] => own.filter((object) => object.kind === kind);
  const made = [...ofKind('StatefulSet'), ...ofKind('Service'), ...ofKind('Secret')];
  return made.length === 0 ? undefined : made;
};

/** The Secret in which the Gateway's device keeps who it is. */
export const gatewayDevice: Role<KubernetesObject> = (healthy) =>
  gatewayProxy(healthy)?.find(({ metadata }) => strings(metadata, 'labels')['tailscale.com/secret-type'] === 'state');

/** An app with all that is its own. */
export interface Cast {
  app: App;
  route: KubernetesObject;
  deployment: KubernetesObject;
  service: KubernetesObject;
  slice: KubernetesObject;
  pod: KubernetesObject;
}

const appOf = (healthy: Healthy, app: App | undefined): Cast | undefined => {
  if (app === undefined) return undefined;
  const inside = healthy.objects.filter(({ metadata }) => metadata.namespace === app.namespace);
  const [route, own, service] = ['HTTPRoute', 'Deployment', 'Service'].map((kind) => objectOf(kind, healthy, app));
  const slice = inside.find(
    ({ kind, metadata }) =>
      kind === 'EndpointSlice' && strings(metadata, 'labels')['kubernetes.io/service-name'] === app.name,
  );
  const pod = inside.find(
    ({ kind, metadata }) => kind === 'Pod' && strings(metadata, 'labels')['app.kubernetes.io/name'] === app.name,
  );
  return route && own && service && slice && pod && { app, route, deployment: own, service, slice, pod };
};

/** Without ExternalDNS, one app is like the other. */
const exposed = ({ stack }: Healthy): readonly App[] =>
  stack.externalDns === null ? stack.apps : stack.apps.filter((app) => app.exposed);

/** The first app that ExternalDNS writes a public record for. */
export const exposedApp: Role<Cast> = (healthy) => appOf(healthy, exposed(healthy)[0]);

/** The last of them, which is another one where there are two. */
export const lastExposedApp: Role<Cast> = (healthy) => appOf(healthy, exposed(healthy).at(-1));

/** The app that examples follow. */
export const followedApp: Role<Cast> = (healthy) => appOf(healthy, healthy.stack.app);

/** Any app, and any other where there are two: those that are exposed before those that are not. */
export const anyApp: Role<Cast> = (healthy) => exposedApp(healthy) ?? followedApp(healthy);
export const anotherApp: Role<Cast> = (healthy) => lastExposedApp(healthy) ?? appOf(healthy, healthy.stack.apps.at(-1));

/** The same where nobody but public DNS answers for its hostname, and its record was made by hand. */
export const handmadeName: Role<Cast> = (healthy) =>
  healthy.stack.externalDns === null && healthy.stack.tailnetResolver === null ? followedApp(healthy) : undefined;

/** The app that answers under another hostname for the public. */
export const splitHorizonApp: Role<Cast> = (healthy) =>
  appOf(
    healthy,
    healthy.stack.apps.find(({ hostname }) => hostname === healthy.stack.splitHorizon?.hostname),
  );

/** What names an object, without what it holds. */
const reference = ({ apiVersion, kind, metadata: { namespace, name } }: KubernetesObject): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { ...(namespace === undefined ? {} : { namespace }), name },
});

/** A merge into an object. Metadata of the patch is beside its name. */
export const merge = (object: KubernetesObject, { metadata, ...patch }: Fields): Change => {
  const own = reference(object);
  return { op: 'merge', object: { ...own, metadata: { ...own.metadata, ...fieldsOf(metadata) }, ...patch } };
};

export const remove = (object: KubernetesObject): Change => ({ op: 'delete', object: reference(object) });

export const create = (object: KubernetesObject): Change => ({ op: 'create', object });

/** Its first container, changed; a list is replaced as a whole. */
export const mergeContainer = (
  workload: KubernetesObject,
  change: (container: Fields) => Fields,
  spec: Fields = {},
) => {
  const [first, ...others] = list(workload, 'spec', 'template', 'spec', 'containers');
  return merge(workload, {
    spec: { ...spec, template: { spec: { containers: [change(fieldsOf(first)), ...others] } } },
  });
};

/** As kubectl names it: `<namespace>/<name>`. */
export const placeOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** What is in a certificate's Secret: issued three months ago, and due for renewal since. */
export const expired = (own: KubernetesObject): Change =>
  merge(own, { status: { notBefore: '{{ago 92d}}', notAfter: '{{ago 2d}}', renewalTime: '{{ago 32d}}' } });
