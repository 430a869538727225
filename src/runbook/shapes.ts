/**
 * The shapes of the kinds that runbooks may read: every field that a check reads, and no other. What is not here is dropped as soon as it
 * was read; a check that wants a field more names it here, which the types demand.
 */
import type { KindTypes } from './kind-types.ts';
import { ciliumPolicy, networkPolicy } from './policy-shapes.ts';
import { Entries, type Fields, type ShapeOf } from './shape.ts';
import {
  annotations,
  base,
  condition,
  containerStatus,
  flag,
  integer,
  issuer,
  issuerRef,
  metadata,
  parametersRef,
  parent,
  plainCondition,
  podSpec,
  portOrName,
  reference,
  secretStore,
  selector,
  settings,
  storeRef,
  template,
  text,
  texts,
  time,
  words,
} from './shape-parts.ts';

export const shapes = {
  Certificate: {
    ...base,
    spec: {
      'commonName?': text,
      'dnsNames?': [text],
      issuerRef,
      secretName: text,
      'duration?': text,
      'renewBefore?': text,
    },
    'status?': {
      'conditions?': [condition],
      'failedIssuanceAttempts?': integer,
      'notAfter?': time,
      'notBefore?': time,
      'renewalTime?': time,
    },
  },
  CertificateRequest: { ...base, 'status?': { 'conditions?': [plainCondition] } },
  Challenge: {
    ...base,
    spec: { dnsName: text, issuerRef },
    'status?': { 'reason?': words, 'state?': text },
  },
  CiliumClusterwideNetworkPolicy: ciliumPolicy,
  CiliumNetworkPolicy: ciliumPolicy,
  CiliumNodeConfig: { ...base, spec: { defaults: settings } },
  ClusterIssuer: issuer,
  ClusterSecretStore: secretStore,
  ConfigMap: {
    ...base,
    metadata: {
      ...metadata,
      'managedFields?': [{ 'time?': time, 'fieldsV1?': { 'f:data?': new Entries({}) } }],
    },
    'data?': settings,
  },
  CronJob: {
    ...base,
    spec: { schedule: text, 'timeZone?': text, 'suspend?': flag, jobTemplate: { 'spec?': { template } } },
    'status?': { 'lastScheduleTime?': time, 'lastSuccessfulTime?': time },
  },
  DaemonSet: {
    ...base,
    'spec?': { selector, template },
    'status?': { 'desiredNumberScheduled?': integer, 'numberAvailable?': integer, 'numberUnavailable?': integer },
  },
  Deployment: {
    ...base,
    'spec?': { 'replicas?': integer, selector, template },
    'status?': { 'availableReplicas?': integer, 'unavailableReplicas?': integer, 'conditions?': [plainCondition] },
  },
  EndpointSlice: {
    ...base,
    'endpoints?': [
      {
        'addresses?': [text],
        'conditions?': { 'ready?': flag, 'serving?': flag, 'terminating?': flag },
        'targetRef?': { 'kind?': text, 'name?': text, 'namespace?': text },
      },
    ],
    'ports?': [{ 'name?': text, 'port?': integer, 'protocol?': text }],
  },
  EnvoyProxy: {
    ...base,
    spec: {
      'provider?': {
        'kubernetes?': {
          'envoyDeployment?': { 'container?': { 'image?': text } },
          'envoyService?': {
            'annotations?': annotations,
            'loadBalancerClass?': text,
            'type?': text,
            'patch?': {
              value: {
                'metadata?': { 'annotations?': annotations },
                'spec?': { 'loadBalancerClass?': text, 'type?': text },
              },
            },
          },
          'useListenerPortAsContainerPort?': flag,
        },
      },
    },
  },
  Event: {
    ...base,
    involvedObject: { 'kind?': text, 'name?': text, 'namespace?': text },
    'message?': words,
    'type?': text,
    'reason?': text,
    'eventTime?': time,
    'lastTimestamp?': time,
  },
  ExternalSecret: {
    ...base,
    spec: {
      'data?': [{ secretKey: text, remoteRef: { key: text }, 'sourceRef?': { 'storeRef?': storeRef } }],
      'dataFrom?': [{ 'sourceRef?': { 'storeRef?': storeRef, 'generatorRef?': { 'kind?': text, 'name?': text } } }],
      'refreshInterval?': text,
      'refreshPolicy?': text,
      'secretStoreRef?': storeRef,
      'target?': { 'name?': text, 'creationPolicy?': text, 'template?': { 'data?': new Entries({}) } },
    },
    'status?': { 'conditions?': [plainCondition], 'refreshTime?': time },
  },
  Gateway: {
    ...base,
    spec: {
      gatewayClassName: text,
      'infrastructure?': { 'annotations?': annotations, 'parametersRef?': parametersRef },
      listeners: [
        {
          name: text,
          port: integer,
          protocol: text,
          'hostname?': text,
          'allowedRoutes?': {
            'kinds?': [{ 'group?': text, kind: text }],
            'namespaces?': { 'from?': text, 'selector?': selector },
          },
          'tls?': { 'mode?': text, 'certificateRefs?': [reference] },
        },
      ],
    },
    'status?': {
      'addresses?': [{ 'type?': text, value: text }],
      'conditions?': [condition],
      'listeners?': [{ name: text, 'conditions?': [condition] }],
    },
  },
  GatewayClass: {
    ...base,
    spec: { controllerName: text, 'parametersRef?': { ...parametersRef, 'namespace?': text } },
    'status?': { 'conditions?': [condition] },
  },
  HTTPRoute: {
    ...base,
    spec: {
      'hostnames?': [text],
      'parentRefs?': [parent],
      'rules?': [
        {
          'backendRefs?': [{ ...reference, 'port?': integer, 'weight?': integer }],
          'filters?': [
            {
              'requestRedirect?': {
                'hostname?': text,
                'path?': { type: text, 'replaceFullPath?': text, 'replacePrefixMatch?': text },
                'port?': integer,
                'scheme?': text,
                'statusCode?': integer,
              },
            },
          ],
          'matches?': [
            {
              'headers?': [{ name: text, 'type?': text, value: text }],
              'method?': text,
              'path?': { 'type?': text, 'value?': text },
              'queryParams?': [{ name: text, 'type?': text, value: text }],
            },
          ],
        },
      ],
    },
    'status?': { 'parents?': [{ controllerName: text, parentRef: parent, 'conditions?': [condition] }] },
  },
  Issuer: issuer,
  Job: {
    ...base,
    'spec?': { template },
    'status?': { 'conditions?': [plainCondition], 'startTime?': time, 'succeeded?': integer },
  },
  Namespace: { ...base, 'status?': { 'phase?': text } },
  NetworkPolicy: networkPolicy,
  Order: { ...base, 'status?': { 'reason?': words, 'state?': text } },
  Pod: {
    ...base,
    'spec?': podSpec,
    'status?': {
      'conditions?': [plainCondition],
      'containerStatuses?': [containerStatus],
      'initContainerStatuses?': [containerStatus],
      'hostIP?': text,
      'phase?': text,
      'podIP?': text,
      'reason?': text,
    },
  },
  ReferenceGrant: {
    ...base,
    spec: { from: [{ group: text, kind: text, namespace: text }], to: [{ group: text, kind: text, 'name?': text }] },
  },
  SecretStore: secretStore,
  Service: {
    ...base,
    'spec?': {
      'clusterIP?': text,
      'clusterIPs?': [text],
      'externalIPs?': [text],
      'externalName?': text,
      'loadBalancerClass?': text,
      'ports?': [{ 'name?': text, port: integer, 'protocol?': text, 'targetPort?': portOrName, 'appProtocol?': text }],
      'publishNotReadyAddresses?': flag,
      'selector?': texts,
      'type?': text,
    },
    'status?': {
      'conditions?': [condition],
      'loadBalancer?': { 'ingress?': [{ 'hostname?': text, 'ip?': text }] },
    },
  },
  StatefulSet: {
    ...base,
    'spec?': { 'replicas?': integer, selector, template },
    'status?': { 'replicas?': integer, 'readyReplicas?': integer },
  },
} as const satisfies { readonly [K in keyof KindTypes]: Fields & ShapeOf<KindTypes[K]> };
