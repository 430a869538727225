/** The mirror in the cluster: manifests that an API server takes and that agree with each other, with the image and with the stack. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stack } from '#stack';
import { partNames } from '../../runbooks/parts.ts';
import { dist } from '../site/dist.ts';

/** Whoever has adopted the handbook may have manifests elsewhere, or none. */
const isThere = existsSync('apps/docs');
const textOf = (file: string): string => (isThere ? readFileSync(join('apps/docs', file), 'utf8') : '{}');
const read = (file: string): unknown => parse(textOf(file));
const about = describe.skipIf(!isThere);
const lack = isThere ? '' : ' (apps/docs is missing)';

const namespace = new Namespace(read('namespace.yaml') as ConstructorParameters<typeof Namespace>[0]);
const deployment = new Deployment(read('deployment.yaml') as ConstructorParameters<typeof Deployment>[0]);
const service = new Service(read('service.yaml') as ConstructorParameters<typeof Service>[0]);
const route = new HTTPRoute(read('httproute.yaml') as ConstructorParameters<typeof HTTPRoute>[0]);
const policy = new NetworkPolicy(read('networkpolicy.yaml') as ConstructorParameters<typeof NetworkPolicy>[0]);
const budget = new PodDisruptionBudget(
  read('poddisruptionbudget.yaml') as ConstructorParameters<typeof PodDisruptionBudget>[0],
);

const pod = deployment.spec?.template.spec;
const labels = deployment.spec?.template.metadata?.labels ?? {};
const [container] = pod?.containers ?? [];
const dockerfile = textOf('Dockerfile');

about(`the manifests${lack}`, () => {
  it.each([namespace, deployment, service, route, policy, budget].map((object) => ({ kind: object.kind, object })))(
    '$kind fits its schema',
    ({ object }) => {
      expect(() => object.validate()).not.toThrow();
    },
  );

  it('are all applied together', () => {
    const kinds = (read('kustomization.yaml') as { resources: string[] }).resources;
    expect(kinds.sort()).toEqual([
      'deployment.yaml',
      'httproute.yaml',
      'namespace.yaml',
      'networkpolicy.yaml',
      'poddisruptionbudget.yaml',
      'service.yaml',
    ]);
  });

  it.skipIf(spawnSync('kubectl', ['version', '--client']).status !== 0)(
    'come out of kubectl kustomize (skipped where it is not installed)',
    () => {
      const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', 'apps/docs'], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout.match(/^kind: /gm)).toHaveLength(6);
    },
  );

  it('run two pods, apart where they can be and together where they must', () => {
    expect(deployment.spec?.replicas).toBe(2);
    expect(pod?.topologySpreadConstraints).toMatchObject([
      {
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labels },
      },
    ]);
    expect(budget.spec).toMatchObject({ minAvailable: 1, selector: { matchLabels: labels } });
  });

  it('give the pod no right that it could do without', () => {
    expect(pod?.automountServiceAccountToken).toBe(false);
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(namespace.metadata?.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  it('let in the Gateway’s Envoy at the container’s port, and let nothing out', () => {
    expect(policy.spec).toMatchObject({
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
      egress: [],
    });
    const envoy = parse(readFileSync('infrastructure/gateway/internal-service.yaml', 'utf8')) as {
      spec: { selector: Record<string, string> };
    };
    expect(policy.spec?.ingress).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stack.envoyGateway.namespace } },
            podSelector: { matchLabels: envoy.spec.selector },
          },
        ],
        ports: [{ protocol: 'TCP', port: stack.app.containerPort }],
      },
    ]);
  });

  it('lead from the hostname to the pods', () => {
    expect(route.spec.hostnames).toEqual([partNames.splitHorizon.hostname]);
    expect(route.metadata?.annotations).toBeUndefined();
    expect(route.spec.parentRefs).toMatchObject(
      [stack.gateway].map(({ namespace: ns, name }) => ({ namespace: ns, name })),
    );
    expect(route.spec.rules?.[0]?.backendRefs).toMatchObject([{ name: service.metadata?.name, port: stack.app.port }]);
    expect(service.spec?.ports).toMatchObject([{ port: stack.app.port, targetPort: stack.app.containerPort }]);
    expect(service.spec?.selector).toEqual(labels);
    expect(container?.ports).toMatchObject([{ name: 'http', containerPort: stack.app.containerPort }]);
  });

  it('take the image that image.yml publishes, by a version', () => {
    // What GitHub calls the repository, which the workflow builds the name from.
    const repository = new URL(stack.site.repository).pathname.slice(1);
    expect(container?.image).toMatch(new RegExp(`^ghcr\\.io/${repository}-docs:v\\d`));
    const workflow = readFileSync('.github/workflows/image.yml', 'utf8');
    expect(workflow.match(/^ +IMAGE: .*$/gm)).toEqual(
      Array(2).fill('      IMAGE: ghcr.io/${{ github.repository }}-docs'),
    );
  });
});

about(`the image${lack}`, () => {
  it('holds what apps/docs/mirror.ts makes, where nginx looks for it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'image-'));
    try {
      const made = spawnSync(process.execPath, ['apps/docs/mirror.ts', dist, folder], { encoding: 'utf8' });
      expect(made.stderr).toBe('');
      expect(made.status).toBe(0);
      expect(existsSync(join(folder, 'site/index.html'))).toBe(true);
      const configuration = readFileSync(join(folder, 'nginx.conf'), 'utf8');
      const directive = (name: string) => new RegExp(`^\\s*${name} (.*);$`, 'm').exec(configuration)?.[1];

      expect(directive('listen')).toBe(String(stack.app.containerPort));
      expect(dockerfile).toContain(`EXPOSE ${stack.app.containerPort}\n`);
      expect(dockerfile).toContain('COPY --from=mirror /mirror/nginx.conf /etc/nginx/nginx.conf\n');
      expect(dockerfile).toContain(`COPY --from=mirror /mirror/site ${directive('root') ?? '?'}\n`);
      expect(container?.livenessProbe?.httpGet?.path).toBe('/healthz');
      expect(container?.readinessProbe?.httpGet?.path).toBe('/readyz');
      for (const path of ['/healthz', '/readyz']) expect(configuration).toContain(`location = ${path} {`);

      // The root file system is read-only: whatever nginx writes must be in a volume.
      const [mount] = container?.volumeMounts ?? [];
      expect(pod?.volumes?.find(({ name }) => name === mount?.name)).toHaveProperty('emptyDir');
      const written = [...configuration.matchAll(/^\s*(?:pid|\w+_temp_path) (.*);$/gm)].map(([, path]) => path ?? '');
      expect(written).toHaveLength(6);
      for (const path of written) expect(path.startsWith(`${mount?.mountPath ?? '?'}/`), path).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what is missing when there is no site', () => {
    const made = spawnSync(process.execPath, ['apps/docs/mirror.ts', 'test/no-such-site', 'x'], { encoding: 'utf8' });
    expect(made.status).toBe(1);
    expect(made.stderr).toBe('There is no built site in test/no-such-site: run "npm run build" first.\n');
    expect(spawnSync(process.execPath, ['apps/docs/mirror.ts']).status).toBe(64);
  });

  it('runs as the user of the Deployment, on images of a fixed version', () => {
    const { runAsUser, runAsGroup } = pod?.securityContext ?? {};
    expect(dockerfile).toContain(`USER ${runAsUser ?? '?'}:${runAsGroup ?? '?'}\n`);
    const stages = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, image]) => image ?? '');
    const own = [...dockerfile.matchAll(/ AS (\w+)$/gm)].map(([, name]) => name ?? '');
    const foreign = stages.filter((image) => image !== 'scratch' && !own.includes(image));
    expect(foreign).toHaveLength(2);
    for (const image of foreign) expect(image).toMatch(/:\d+\.\d+/);
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dockerfile).toContain(`node:${dependencies['node'] ?? '?'}-`);
  });

  it('is built from all that git knows, for a missing file would count as a change', () => {
    const entries = (file: string): string[] =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .sort();
    expect(entries('.dockerignore')).toEqual(entries('.gitignore'));
  });
});
