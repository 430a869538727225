/** A kustomization, and what comes of it: written out, and proven by kubectl where there is one. */
export interface Case {
  name: string;
  /** By path; `kustomization.yaml` is built where nothing else is said. */
  files: Readonly<Record<string, string>>;
  /** The folder that is built. */
  folder?: string;
  /** The objects, as YAML. */
  built?: string;
  /** Of each fault, where it stands and a part of what it says. */
  refused?: readonly string[];
  /** Parts of what is told of what was left out. kubectl is not asked about those. */
  told?: readonly string[];
}

export const configMap = (name: string, more = ''): string =>
  `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name}${more} } }`;

export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: docker.io/library/nginx:1.27
          env: [{ name: A, value: a }, { name: B, value: b }]
          ports: [{ containerPort: 8080, protocol: TCP }, { containerPort: 8080, protocol: UDP }]
`;
