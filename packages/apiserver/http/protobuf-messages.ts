/**
 * Field numbers of the messages that kubectl sends as protobuf: those of k8s.io/api and k8s.io/apimachinery, 1.32, without statuses.
 * No package carries them. One message a line. A field has its number, its JSON name and what it holds: text when nothing is said, int, bool, bytes, or a message.
 * `*` is a list, `{}` a map, `inline` a message whose fields stand in its parent's JSON, `!` a field whose zero value means that it is not set.
 */
export const messageTable = `
Affinity: 1 nodeAffinity NodeAffinity, 2 podAffinity PodAffinity, 3 podAntiAffinity PodAntiAffinity
AggregationRule: 1 clusterRoleSelectors* LabelSelector
AppArmorProfile: 1 type, 2 localhostProfile
BoundObjectReference: 1 kind, 2 apiVersion, 3 name, 4 uid
CSIVolumeSource: 1 driver, 2 readOnly bool!, 3 fsType, 4 volumeAttributes{}, 5 nodePublishSecretRef LocalObjectReference
Capabilities: 1 add*, 2 drop*
ClientIPConfig: 1 timeoutSeconds int!
ClusterRole: 1 metadata ObjectMeta!, 2 rules* PolicyRule, 3 aggregationRule AggregationRule
ClusterRoleBinding: 1 metadata ObjectMeta!, 2 subjects* Subject, 3 roleRef RoleRef
ClusterTrustBundleProjection: 1 name, 2 signerName, 3 labelSelector LabelSelector, 4 path, 5 optional bool
ConfigMap: 1 metadata ObjectMeta!, 2 data{}, 3 binaryData{} bytes, 4 immutable bool
ConfigMapEnvSource: 1 localObjectReference inline LocalObjectReference, 2 optional bool
ConfigMapKeySelector: 1 localObjectReference inline LocalObjectReference, 2 key, 3 optional bool
ConfigMapProjection: 1 localObjectReference inline LocalObjectReference, 2 items* KeyToPath, 4 optional bool
ConfigMapVolumeSource: 1 localObjectReference inline LocalObjectReference, 2 items* KeyToPath, 3 defaultMode int, 4 optional bool
Container: 1 name, 2 image, 3 command*, 4 args*, 5 workingDir, 6 ports* ContainerPort, 7 env* EnvVar, 8 resources ResourceRequirements!, 9 volumeMounts* VolumeMount, 10 livenessProbe Probe, 11 readinessProbe Probe, 12 lifecycle Lifecycle, 13 terminationMessagePath, 14 imagePullPolicy, 15 securityContext SecurityContext, 16 stdin bool!, 17 stdinOnce bool!, 18 tty bool!, 19 envFrom* EnvFromSource, 20 terminationMessagePolicy, 21 volumeDevices* VolumeDevice, 22 startupProbe Probe, 23 resizePolicy* ContainerResizePolicy, 24 restartPolicy
ContainerPort: 1 name, 2 hostPort int!, 3 containerPort int, 4 protocol, 5 hostIP
ContainerResizePolicy: 1 resourceName, 2 restartPolicy
CronJob: 1 metadata ObjectMeta!, 2 spec CronJobSpec
CronJobSpec: 1 schedule, 2 startingDeadlineSeconds int, 3 concurrencyPolicy, 4 suspend bool, 5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit int, 7 failedJobsHistoryLimit int, 8 timeZone
DaemonSet: 1 metadata ObjectMeta!, 2 spec DaemonSetSpec
DaemonSetSpec: 1 selector LabelSelector, 2 template PodTemplateSpec, 3 updateStrategy DaemonSetUpdateStrategy!, 4 minReadySeconds int!, 6 revisionHistoryLimit int
DaemonSetUpdateStrategy: 1 type, 2 rollingUpdate RollingUpdateDaemonSet
DeleteOptions: 1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy, 5 dryRun*, 6 ignoreStoreReadErrorWithClusterBreakingPotential bool
Deployment: 1 metadata ObjectMeta!, 2 spec DeploymentSpec
DeploymentSpec: 1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy!, 5 minReadySeconds int!, 6 revisionHistoryLimit int, 7 paused bool!, 9 progressDeadlineSeconds int
DeploymentStrategy: 1 type, 2 rollingUpdate RollingUpdateDeployment
DownwardAPIProjection: 1 items* DownwardAPIVolumeFile
DownwardAPIVolumeFile: 1 path, 2 fieldRef ObjectFieldSelector, 3 resourceFieldRef ResourceFieldSelector, 4 mode int
DownwardAPIVolumeSource: 1 items* DownwardAPIVolumeFile, 2 defaultMode int
EmptyDirVolumeSource: 1 medium, 2 sizeLimit Quantity
EnvFromSource: 1 prefix, 2 configMapRef ConfigMapEnvSource, 3 secretRef SecretEnvSource
EnvVar: 1 name, 2 value, 3 valueFrom EnvVarSource
EnvVarSource: 1 fieldRef ObjectFieldSelector, 2 resourceFieldRef ResourceFieldSelector, 3 configMapKeyRef ConfigMapKeySelector, 4 secretKeyRef SecretKeySelector
EphemeralContainer: 1 ephemeralContainerCommon inline EphemeralContainerCommon, 2 targetContainerName
EphemeralContainerCommon: 1 name, 2 image, 3 command*, 4 args*, 5 workingDir, 6 ports* ContainerPort, 7 env* EnvVar, 8 resources ResourceRequirements!, 9 volumeMounts* VolumeMount, 10 livenessProbe Probe, 11 readinessProbe Probe, 12 lifecycle Lifecycle, 13 terminationMessagePath, 14 imagePullPolicy, 15 securityContext SecurityContext, 16 stdin bool!, 17 stdinOnce bool!, 18 tty bool!, 19 envFrom* EnvFromSource, 20 terminationMessagePolicy, 21 volumeDevices* VolumeDevice, 22 startupProbe Probe, 23 resizePolicy* ContainerResizePolicy, 24 restartPolicy
EphemeralVolumeSource: 1 volumeClaimTemplate PersistentVolumeClaimTemplate
Eviction: 1 metadata ObjectMeta!, 2 deleteOptions DeleteOptions
ExecAction: 1 command*
FieldSelectorAttributes: 1 rawSelector, 2 requirements* FieldSelectorRequirement
FieldSelectorRequirement: 1 key, 2 operator, 3 values*
GRPCAction: 1 port int, 2 service
HTTPGetAction: 1 path, 2 port IntOrString, 3 host, 4 scheme, 5 httpHeaders* HTTPHeader
HTTPHeader: 1 name, 2 value
HTTPIngressPath: 1 path, 2 backend IngressBackend, 3 pathType
HTTPIngressRuleValue: 1 paths* HTTPIngressPath
HostAlias: 1 ip, 2 hostnames*
HostPathVolumeSource: 1 path, 2 type
ImageVolumeSource: 1 reference, 2 pullPolicy
Ingress: 1 metadata ObjectMeta!, 2 spec IngressSpec
IngressBackend: 3 resource TypedLocalObjectReference, 4 service IngressServiceBackend
IngressRule: 1 host, 2 ingressRuleValue inline IngressRuleValue
IngressRuleValue: 1 http HTTPIngressRuleValue
IngressServiceBackend: 1 name, 2 port ServiceBackendPort
IngressSpec: 1 defaultBackend IngressBackend, 2 tls* IngressTLS, 3 rules* IngressRule, 4 ingressClassName
IngressTLS: 1 hosts*, 2 secretName
Job: 1 metadata ObjectMeta!, 2 spec JobSpec
JobSpec: 1 parallelism int, 2 completions int, 3 activeDeadlineSeconds int, 4 selector LabelSelector, 5 manualSelector bool, 6 template PodTemplateSpec, 7 backoffLimit int, 8 ttlSecondsAfterFinished int, 9 completionMode, 10 suspend bool, 11 podFailurePolicy PodFailurePolicy, 12 backoffLimitPerIndex int, 13 maxFailedIndexes int, 14 podReplacementPolicy, 15 managedBy, 16 successPolicy SuccessPolicy
JobTemplateSpec: 1 metadata ObjectMeta!, 2 spec JobSpec
KeyToPath: 1 key, 2 path, 3 mode int
LabelSelector: 1 matchLabels{}, 2 matchExpressions* LabelSelectorRequirement
LabelSelectorAttributes: 1 rawSelector, 2 requirements* LabelSelectorRequirement
LabelSelectorRequirement: 1 key, 2 operator, 3 values*
Lifecycle: 1 postStart LifecycleHandler, 2 preStop LifecycleHandler
LifecycleHandler: 1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 sleep SleepAction
LocalObjectReference: 1 name
NFSVolumeSource: 1 server, 2 path, 3 readOnly bool!
Namespace: 1 metadata ObjectMeta!, 2 spec NamespaceSpec
NamespaceSpec: 1 finalizers*
NodeAffinity: 1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector, 2 preferredDuringSchedulingIgnoredDuringExecution* PreferredSchedulingTerm
NodeSelector: 1 nodeSelectorTerms* NodeSelectorTerm
NodeSelectorRequirement: 1 key, 2 operator, 3 values*
NodeSelectorTerm: 1 matchExpressions* NodeSelectorRequirement, 2 matchFields* NodeSelectorRequirement
NonResourceAttributes: 1 path, 2 verb
ObjectFieldSelector: 1 apiVersion, 2 fieldPath
ObjectMeta: 1 name, 2 generateName, 3 namespace, 5 uid, 6 resourceVersion, 7 generation int!, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int, 11 labels{}, 12 annotations{}, 13 ownerReferences* OwnerReference, 14 finalizers*
ObjectReference: 1 kind, 2 namespace, 3 name, 4 uid, 5 apiVersion, 6 resourceVersion, 7 fieldPath
OwnerReference: 1 kind, 3 name, 4 uid, 5 apiVersion, 6 controller bool, 7 blockOwnerDeletion bool
PersistentVolumeClaim: 1 metadata ObjectMeta!, 2 spec PersistentVolumeClaimSpec
PersistentVolumeClaimSpec: 1 accessModes*, 2 resources VolumeResourceRequirements!, 3 volumeName, 4 selector LabelSelector, 5 storageClassName, 6 volumeMode, 7 dataSource TypedLocalObjectReference, 8 dataSourceRef TypedObjectReference, 9 volumeAttributesClassName
PersistentVolumeClaimTemplate: 1 metadata ObjectMeta!, 2 spec PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource: 1 claimName, 2 readOnly bool!
Pod: 1 metadata ObjectMeta!, 2 spec PodSpec
PodAffinity: 1 requiredDuringSchedulingIgnoredDuringExecution* PodAffinityTerm, 2 preferredDuringSchedulingIgnoredDuringExecution* WeightedPodAffinityTerm
PodAffinityTerm: 1 labelSelector LabelSelector, 2 namespaces*, 3 topologyKey, 4 namespaceSelector LabelSelector, 5 matchLabelKeys*, 6 mismatchLabelKeys*
PodAntiAffinity: 1 requiredDuringSchedulingIgnoredDuringExecution* PodAffinityTerm, 2 preferredDuringSchedulingIgnoredDuringExecution* WeightedPodAffinityTerm
PodDNSConfig: 1 nameservers*, 2 searches*, 3 options* PodDNSConfigOption
PodDNSConfigOption: 1 name, 2 value
PodDisruptionBudget: 1 metadata ObjectMeta!, 2 spec PodDisruptionBudgetSpec
PodDisruptionBudgetSpec: 1 minAvailable IntOrString, 2 selector LabelSelector, 3 maxUnavailable IntOrString, 4 unhealthyPodEvictionPolicy
PodFailurePolicy: 1 rules* PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement: 1 containerName, 2 operator, 3 values* int
PodFailurePolicyOnPodConditionsPattern: 1 type
PodFailurePolicyRule: 1 action, 2 onExitCodes PodFailurePolicyOnExitCodesRequirement, 3 onPodConditions* PodFailurePolicyOnPodConditionsPattern
PodOS: 1 name
PodReadinessGate: 1 conditionType
PodResourceClaim: 1 name, 3 resourceClaimName, 4 resourceClaimTemplateName
PodSchedulingGate: 1 name
PodSecurityContext: 1 seLinuxOptions SELinuxOptions, 2 runAsUser int, 3 runAsNonRoot bool, 4 supplementalGroups* int, 5 fsGroup int, 6 runAsGroup int, 7 sysctls* Sysctl, 8 windowsOptions WindowsSecurityContextOptions, 9 fsGroupChangePolicy, 10 seccompProfile SeccompProfile, 11 appArmorProfile AppArmorProfile, 12 supplementalGroupsPolicy, 13 seLinuxChangePolicy
PodSpec: 1 volumes* Volume, 2 containers* Container, 3 restartPolicy, 4 terminationGracePeriodSeconds int, 5 activeDeadlineSeconds int, 6 dnsPolicy, 7 nodeSelector{}, 8 serviceAccountName, 9 serviceAccount, 10 nodeName, 11 hostNetwork bool!, 12 hostPID bool!, 13 hostIPC bool!, 14 securityContext PodSecurityContext, 15 imagePullSecrets* LocalObjectReference, 16 hostname, 17 subdomain, 18 affinity Affinity, 19 schedulerName, 20 initContainers* Container, 21 automountServiceAccountToken bool, 22 tolerations* Toleration, 23 hostAliases* HostAlias, 24 priorityClassName, 25 priority int, 26 dnsConfig PodDNSConfig, 27 shareProcessNamespace bool, 28 readinessGates* PodReadinessGate, 29 runtimeClassName, 30 enableServiceLinks bool, 31 preemptionPolicy, 32 overhead{} Quantity, 33 topologySpreadConstraints* TopologySpreadConstraint, 34 ephemeralContainers* EphemeralContainer, 35 setHostnameAsFQDN bool, 36 os PodOS, 37 hostUsers bool, 38 schedulingGates* PodSchedulingGate, 39 resourceClaims* PodResourceClaim, 40 resources ResourceRequirements!
PodTemplateSpec: 1 metadata ObjectMeta!, 2 spec PodSpec
PolicyRule: 1 verbs*, 2 apiGroups*, 3 resources*, 4 resourceNames*, 5 nonResourceURLs*
Preconditions: 1 uid, 2 resourceVersion
PreferredSchedulingTerm: 1 weight int, 2 preference NodeSelectorTerm
PriorityClass: 1 metadata ObjectMeta!, 2 value int, 3 globalDefault bool!, 4 description, 5 preemptionPolicy
Probe: 1 handler inline ProbeHandler, 2 initialDelaySeconds int!, 3 timeoutSeconds int!, 4 periodSeconds int!, 5 successThreshold int!, 6 failureThreshold int!, 7 terminationGracePeriodSeconds int
ProbeHandler: 1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 grpc GRPCAction
ProjectedVolumeSource: 1 sources* VolumeProjection, 2 defaultMode int
ReplicaSet: 1 metadata ObjectMeta!, 2 spec ReplicaSetSpec
ReplicaSetSpec: 1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 minReadySeconds int!
ResourceAttributes: 1 namespace, 2 verb, 3 group, 4 version, 5 resource, 6 subresource, 7 name, 8 fieldSelector FieldSelectorAttributes, 9 labelSelector LabelSelectorAttributes
ResourceClaim: 1 name, 2 request
ResourceFieldSelector: 1 containerName, 2 resource, 3 divisor Quantity
ResourceQuota: 1 metadata ObjectMeta!, 2 spec ResourceQuotaSpec
ResourceQuotaSpec: 1 hard{} Quantity, 2 scopes*, 3 scopeSelector ScopeSelector
ResourceRequirements: 1 limits{} Quantity, 2 requests{} Quantity, 3 claims* ResourceClaim
Role: 1 metadata ObjectMeta!, 2 rules* PolicyRule
RoleBinding: 1 metadata ObjectMeta!, 2 subjects* Subject, 3 roleRef RoleRef
RoleRef: 1 apiGroup, 2 kind, 3 name
RollingUpdateDaemonSet: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
RollingUpdateDeployment: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
RollingUpdateStatefulSetStrategy: 1 partition int, 2 maxUnavailable IntOrString
SELinuxOptions: 1 user, 2 role, 3 type, 4 level
Scale: 1 metadata ObjectMeta!, 2 spec ScaleSpec
ScaleSpec: 1 replicas int
ScopeSelector: 1 matchExpressions* ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement: 1 scopeName, 2 operator, 3 values*
SeccompProfile: 1 type, 2 localhostProfile
Secret: 1 metadata ObjectMeta!, 2 data{} bytes, 3 type, 4 stringData{}, 5 immutable bool
SecretEnvSource: 1 localObjectReference inline LocalObjectReference, 2 optional bool
SecretKeySelector: 1 localObjectReference inline LocalObjectReference, 2 key, 3 optional bool
SecretProjection: 1 localObjectReference inline LocalObjectReference, 2 items* KeyToPath, 4 optional bool
SecretVolumeSource: 1 secretName, 2 items* KeyToPath, 3 defaultMode int, 4 optional bool
SecurityContext: 1 capabilities Capabilities, 2 privileged bool, 3 seLinuxOptions SELinuxOptions, 4 runAsUser int, 5 runAsNonRoot bool, 6 readOnlyRootFilesystem bool, 7 allowPrivilegeEscalation bool, 8 runAsGroup int, 9 procMount, 10 windowsOptions WindowsSecurityContextOptions, 11 seccompProfile SeccompProfile, 12 appArmorProfile AppArmorProfile
SelfSubjectAccessReview: 1 metadata ObjectMeta!, 2 spec SelfSubjectAccessReviewSpec
SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
SelfSubjectReview: 1 metadata ObjectMeta!
SelfSubjectRulesReview: 1 metadata ObjectMeta!, 2 spec SelfSubjectRulesReviewSpec
SelfSubjectRulesReviewSpec: 1 namespace
Service: 1 metadata ObjectMeta!, 2 spec ServiceSpec
ServiceAccount: 1 metadata ObjectMeta!, 2 secrets* ObjectReference, 3 imagePullSecrets* LocalObjectReference, 4 automountServiceAccountToken bool
ServiceAccountTokenProjection: 1 audience, 2 expirationSeconds int, 3 path
ServiceBackendPort: 1 name, 2 number int
ServicePort: 1 name, 2 protocol, 3 port int, 4 targetPort IntOrString, 5 nodePort int!, 6 appProtocol
ServiceSpec: 1 ports* ServicePort, 2 selector{}, 3 clusterIP, 4 type, 5 externalIPs*, 7 sessionAffinity, 8 loadBalancerIP, 9 loadBalancerSourceRanges*, 10 externalName, 11 externalTrafficPolicy, 12 healthCheckNodePort int!, 13 publishNotReadyAddresses bool!, 14 sessionAffinityConfig SessionAffinityConfig, 17 ipFamilyPolicy, 18 clusterIPs*, 19 ipFamilies*, 20 allocateLoadBalancerNodePorts bool, 21 loadBalancerClass, 22 internalTrafficPolicy, 23 trafficDistribution
SessionAffinityConfig: 1 clientIP ClientIPConfig
SleepAction: 1 seconds int
StatefulSet: 1 metadata ObjectMeta!, 2 spec StatefulSetSpec
StatefulSetOrdinals: 1 start int
StatefulSetPersistentVolumeClaimRetentionPolicy: 1 whenDeleted, 2 whenScaled
StatefulSetSpec: 1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 volumeClaimTemplates* PersistentVolumeClaim, 5 serviceName, 6 podManagementPolicy, 7 updateStrategy StatefulSetUpdateStrategy!, 8 revisionHistoryLimit int, 9 minReadySeconds int!, 10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy, 11 ordinals StatefulSetOrdinals
StatefulSetUpdateStrategy: 1 type, 2 rollingUpdate RollingUpdateStatefulSetStrategy
Subject: 1 kind, 2 apiGroup, 3 name, 4 namespace
SuccessPolicy: 1 rules* SuccessPolicyRule
SuccessPolicyRule: 1 succeededIndexes, 2 succeededCount int
Sysctl: 1 name, 2 value
TCPSocketAction: 1 port IntOrString, 2 host
TokenRequest: 1 metadata ObjectMeta!, 2 spec TokenRequestSpec
TokenRequestSpec: 1 audiences*, 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int
Toleration: 1 key, 2 operator, 3 value, 4 effect, 5 tolerationSeconds int
TopologySpreadConstraint: 1 maxSkew int, 2 topologyKey, 3 whenUnsatisfiable, 4 labelSelector LabelSelector, 5 minDomains int, 6 nodeAffinityPolicy, 7 nodeTaintsPolicy, 8 matchLabelKeys*
TypedLocalObjectReference: 1 apiGroup, 2 kind, 3 name
TypedObjectReference: 1 apiGroup, 2 kind, 3 name, 4 namespace
Volume: 1 name, 2 volumeSource inline VolumeSource
VolumeDevice: 1 name, 2 devicePath
VolumeMount: 1 name, 2 readOnly bool!, 3 mountPath, 4 subPath, 5 mountPropagation, 6 subPathExpr, 7 recursiveReadOnly
VolumeProjection: 1 secret SecretProjection, 2 downwardAPI DownwardAPIProjection, 3 configMap ConfigMapProjection, 4 serviceAccountToken ServiceAccountTokenProjection, 5 clusterTrustBundle ClusterTrustBundleProjection
VolumeResourceRequirements: 1 limits{} Quantity, 2 requests{} Quantity
VolumeSource: 1 hostPath HostPathVolumeSource, 2 emptyDir EmptyDirVolumeSource, 6 secret SecretVolumeSource, 7 nfs NFSVolumeSource, 10 persistentVolumeClaim PersistentVolumeClaimVolumeSource, 16 downwardAPI DownwardAPIVolumeSource, 19 configMap ConfigMapVolumeSource, 26 projected ProjectedVolumeSource, 28 csi CSIVolumeSource, 29 ephemeral EphemeralVolumeSource, 30 image ImageVolumeSource
WeightedPodAffinityTerm: 1 weight int, 2 podAffinityTerm PodAffinityTerm
WindowsSecurityContextOptions: 1 gmsaCredentialSpecName, 2 gmsaCredentialSpec, 3 runAsUserName, 4 hostProcess bool
`;
