/**
 * The kinds of the stack’s components, as `kubectl` knows them: names, scope and columns, of the components’ own definitions. The packages of
 * models hold types and validators and none of this; their structures and rules they do hold, and those are not repeated here.
 */
import type { Parts } from '../../runbooks/stack-type.ts';

export interface Definition {
  plural: string;
  kind: string;
  scope?: 'Cluster' | 'Namespaced';
  shortNames?: readonly string[];
  /** Where they differ from the group's. */
  categories?: readonly string[];
  /** Columns of `kubectl get` after the name: title and JSONPath, and a type where it is not `string`. */
  columns?: readonly (readonly [name: string, jsonPath: string, type?: 'date' | 'integer', priority?: 1])[];
  /** In order of preference, where they differ from the group's. */
  versions?: readonly string[];
}

export interface Group {
  group: string;
  /** The part of the stack that brings it along. */
  part?: keyof Parts;
  versions: readonly string[];
  categories?: readonly string[];
  definitions: readonly Definition[];
}

const status = (type: string): string => `.status.conditions[?(@.type=="${type}")].status`;

const reason = (type: string): string => `.status.conditions[?(@.type=="${type}")].reason`;

const message = (type: string): string => `.status.conditions[?(@.type=="${type}")].message`;

const ofAncestor = (type: string): string => `.status.ancestors[0].conditions[?(@.type=="${type}")].status`;

export const age = ['Age', '.metadata.creationTimestamp', 'date'] as const;

export const groups: readonly Group[] = [
  {
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1'],
    categories: ['gateway-api'],
    definitions: [
      {
        plural: 'gatewayclasses',
        kind: 'GatewayClass',
        scope: 'Cluster',
        shortNames: ['gc'],
        columns: [
          ['Controller', '.spec.controllerName'],
          ['Accepted', status('Accepted')],
          age,
          ['Description', '.spec.description', undefined, 1],
        ],
      },
      {
        plural: 'gateways',
        kind: 'Gateway',
        shortNames: ['gtw'],
        columns: [
          ['Class', '.spec.gatewayClassName'],
          ['Address', '.status.addresses[*].value'],
          ['Programmed', status('Programmed')],
          age,
        ],
      },
      { plural: 'httproutes', kind: 'HTTPRoute', columns: [['Hostnames', '.spec.hostnames'], age] },
      { plural: 'grpcroutes', kind: 'GRPCRoute', versions: ['v1'], columns: [['Hostnames', '.spec.hostnames'], age] },
      { plural: 'tlsroutes', kind: 'TLSRoute', versions: ['v1'] },
      { plural: 'referencegrants', kind: 'ReferenceGrant', shortNames: ['refgrant'] },
      { plural: 'backendtlspolicies', kind: 'BackendTLSPolicy', versions: ['v1'], shortNames: ['btlspolicy'] },
    ],
  },
  {
    group: 'gateway.envoyproxy.io',
    versions: ['v1alpha1'],
    categories: ['envoy-gateway'],
    definitions: [
      { plural: 'backends', kind: 'Backend', shortNames: ['be'], columns: [['Status', reason('Accepted')], age] },
      { plural: 'backendtrafficpolicies', kind: 'BackendTrafficPolicy', shortNames: ['btp'] },
      { plural: 'clienttrafficpolicies', kind: 'ClientTrafficPolicy', shortNames: ['ctp'] },
      { plural: 'envoyextensionpolicies', kind: 'EnvoyExtensionPolicy', shortNames: ['eep'], categories: [] },
      {
        plural: 'envoypatchpolicies',
        kind: 'EnvoyPatchPolicy',
        shortNames: ['epp'],
        columns: [['Accepted', ofAncestor('Accepted')], ['Programmed', ofAncestor('Programmed')], age],
      },
      { plural: 'envoyproxies', kind: 'EnvoyProxy', shortNames: ['eproxy'], columns: [] },
      { plural: 'httproutefilters', kind: 'HTTPRouteFilter', shortNames: ['hrf'] },
      { plural: 'securitypolicies', kind: 'SecurityPolicy', shortNames: ['sp'] },
    ],
  },
  {
    group: 'cert-manager.io',
    versions: ['v1'],
    categories: ['cert-manager'],
    definitions: [
      {
        plural: 'certificaterequests',
        kind: 'CertificateRequest',
        shortNames: ['cr', 'crs'],
        columns: [
          ['Approved', status('Approved')],
          ['Denied', status('Denied')],
          ['Ready', status('Ready')],
          ['Issuer', '.spec.issuerRef.name'],
          ['Requester', '.spec.username'],
          ['Status', message('Ready'), undefined, 1],
          age,
        ],
      },
      {
        plural: 'certificates',
        kind: 'Certificate',
        shortNames: ['cert', 'certs'],
        columns: [
          ['Ready', status('Ready')],
          ['Secret', '.spec.secretName'],
          ['Issuer', '.spec.issuerRef.name', undefined, 1],
          ['Status', message('Ready'), undefined, 1],
          age,
        ],
      },
      {
        plural: 'clusterissuers',
        kind: 'ClusterIssuer',
        scope: 'Cluster',
        shortNames: ['ciss'],
        columns: [['Ready', status('Ready')], ['Status', message('Ready'), undefined, 1], age],
      },
      {
        plural: 'issuers',
        kind: 'Issuer',
        shortNames: ['iss'],
        columns: [['Ready', status('Ready')], ['Status', message('Ready'), undefined, 1], age],
      },
    ],
  },
  {
    group: 'acme.cert-manager.io',
    versions: ['v1'],
    categories: ['cert-manager', 'cert-manager-acme'],
    definitions: [
      {
        plural: 'challenges',
        kind: 'Challenge',
        columns: [
          ['State', '.status.state'],
          ['Domain', '.spec.dnsName'],
          ['Reason', '.status.reason', undefined, 1],
          age,
        ],
      },
      {
        plural: 'orders',
        kind: 'Order',
        columns: [
          ['State', '.status.state'],
          ['Issuer', '.spec.issuerRef.name', undefined, 1],
          ['Reason', '.status.reason', undefined, 1],
          age,
        ],
      },
    ],
  },
  {
    group: 'external-secrets.io',
    part: 'externalSecrets',
    versions: ['v1'],
    categories: ['external-secrets'],
    definitions: [
      {
        plural: 'clustersecretstores',
        kind: 'ClusterSecretStore',
        scope: 'Cluster',
        shortNames: ['css'],
        columns: [
          ['AGE', '.metadata.creationTimestamp', 'date'],
          ['Status', reason('Ready')],
          ['Capabilities', '.status.capabilities'],
          ['Ready', status('Ready')],
        ],
      },
      {
        plural: 'externalsecrets',
        kind: 'ExternalSecret',
        shortNames: ['es'],
        columns: [
          ['StoreType', '.spec.secretStoreRef.kind'],
          ['Store', '.spec.secretStoreRef.name'],
          ['Refresh Interval', '.spec.refreshInterval'],
          ['Status', reason('Ready')],
          ['Ready', status('Ready')],
          ['Last Sync', '.status.refreshTime', 'date'],
        ],
      },
      {
        plural: 'secretstores',
        kind: 'SecretStore',
        shortNames: ['ss'],
        columns: [
          ['AGE', '.metadata.creationTimestamp', 'date'],
          ['Status', reason('Ready')],
          ['Capabilities', '.status.capabilities'],
          ['Ready', status('Ready')],
        ],
      },
    ],
  },
  {
    group: 'cilium.io',
    part: 'cilium',
    versions: ['v2'],
    categories: ['cilium'],
    definitions: [
      { plural: 'ciliumclusterwidenetworkpolicies', kind: 'CiliumClusterwideNetworkPolicy', scope: 'Cluster' },
      {
        plural: 'ciliumendpoints',
        kind: 'CiliumEndpoint',
        shortNames: ['cep'],
        columns: [
          ['Security Identity', '.status.identity.id', 'integer'],
          ['Endpoint State', '.status.state'],
          ['IPv4', '.status.networking.addressing[0].ipv4'],
          ['IPv6', '.status.networking.addressing[0].ipv6'],
        ],
      },
      { plural: 'ciliumidentities', kind: 'CiliumIdentity', scope: 'Cluster', shortNames: ['ciliumid'] },
      { plural: 'ciliumnetworkpolicies', kind: 'CiliumNetworkPolicy', shortNames: ['cnp'] },
      { plural: 'ciliumnodeconfigs', kind: 'CiliumNodeConfig', versions: ['v2', 'v2alpha1'] },
      { plural: 'ciliumnodes', kind: 'CiliumNode', scope: 'Cluster', shortNames: ['cn'] },
    ],
  },
  {
    group: 'tailscale.com',
    versions: ['v1alpha1'],
    definitions: [
      {
        plural: 'connectors',
        kind: 'Connector',
        scope: 'Cluster',
        shortNames: ['cn'],
        columns: [
          ['SubnetRoutes', '.status.subnetRoutes'],
          ['IsExitNode', '.status.isExitNode'],
          ['IsAppConnector', '.status.isAppConnector'],
          ['Status', reason('ConnectorReady')],
          age,
        ],
      },
      {
        plural: 'dnsconfigs',
        kind: 'DNSConfig',
        scope: 'Cluster',
        shortNames: ['dc'],
        columns: [['NameserverIP', '.status.nameserver.ip'], age],
      },
      {
        plural: 'proxyclasses',
        kind: 'ProxyClass',
        scope: 'Cluster',
        columns: [['Status', reason('ProxyClassReady')], age],
      },
      {
        plural: 'proxygroups',
        kind: 'ProxyGroup',
        scope: 'Cluster',
        shortNames: ['pg'],
        columns: [['Status', reason('ProxyGroupReady')], ['URL', '.status.url'], ['Type', '.spec.type'], age],
      },
      {
        plural: 'recorders',
        kind: 'Recorder',
        scope: 'Cluster',
        shortNames: ['rec'],
        columns: [['Status', reason('RecorderReady')], ['URL', '.status.devices[?(@.url != "")].url'], age],
      },
    ],
  },
];
