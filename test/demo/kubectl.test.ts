/**
 * kubectl itself, as the strictest of clients: every verb once, for real, with each kubectl that is found and with Debian's. What an old
 * one cannot do is skipped, by name.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stack } from '#stack';
import { startDemo, type Demo, type UserName } from '../../src/demo/node/demo.ts';
import { allKubectls } from '../support/find-kubectl.ts';

const { namespace, name } = stack.gateway;

/** What an old kubectl cannot do: the minor version that first could. */
const since: readonly (readonly [args: RegExp, minor: number])[] = [
  [/^auth whoami/, 27],
  [/--subresource/, 24],
  // Those before want cronjobs of batch/v1beta1, which is gone since 1.25.
  [/^create,cronjob|--from=cronjob/, 21],
];

const firstOf = (args: string | readonly string[]): number =>
  Math.max(0, ...since.filter(([pattern]) => pattern.test(String(args))).map(([, minor]) => minor));

const manifests = {
  'deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: 'web:1', env: [{ name: A, value: '1' }, { name: B, value: '2' }], ports: [{ containerPort: 80 }] }
`,
  'service.yaml': `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`,
  'route.yaml': `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  parentRefs: [{ name: ${name}, namespace: ${namespace} }]
  hostnames: [web.${stack.domain}]
  rules: [{ backendRefs: [{ name: web, port: 80 }] }]
`,
  'misspelt.yaml': `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: misspelt }
spec: { hostname: web.${stack.domain} }
`,
  'kustomization.yaml': 'resources: [deployment.yaml, service.yaml, route.yaml]\n',
};

describe.each(allKubectls())('kubectl 1.$minor', ({ path, minor }) => {
  let demo: Demo;
  let folder: string;

  beforeAll(async () => {
    demo = await startDemo();
    folder = mkdtempSync(join(tmpdir(), 'demo-kubectl-'));
    for (const user of ['admin', 'nobody'] as const)
      writeFileSync(join(folder, user), demo.kubeconfig(user), { mode: 0o600 });
    mkdirSync(join(folder, 'app'));
    for (const [file, content] of Object.entries(manifests)) writeFileSync(join(folder, 'app', file), content);
  });
  afterAll(async () => {
    await demo.close();
    rmSync(folder, { recursive: true });
  });

  type Case = [args: string | readonly string[], expected: RegExp, input?: string];

  const isKnown = ([args]: Case): boolean => firstOf(args) <= minor;
  const isMissing = (one: Case): boolean => !isKnown(one);

  interface Ran {
    code: number;
    stdout: string;
    stderr: string;
  }

  const kubectl = (args: string | readonly string[], user: UserName = 'admin', input?: string): Promise<Ran> =>
    new Promise((resolve) => {
      const words = typeof args === 'string' ? args.split(' ') : args;
      const child = execFile(
        path,
        ['--kubeconfig', join(folder, user), '--cache-dir', join(folder, 'cache'), ...words],
        {
          timeout: 30_000,
          cwd: join(folder, 'app'),
          env: { ...process.env, EDITOR: 'sed -i s/image:.web:./image:\\ web:9/' },
        },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
      child.stdin?.end(input);
    });

  /** Runs it, and expects success and an output. */
  const succeeds = async (args: string | readonly string[], expected: RegExp, input?: string): Promise<void> => {
    const { code, stdout, stderr } = await kubectl(args, 'admin', input);
    expect(stdout, stderr).toMatch(expected);
    expect(code, stderr).toBe(0);
  };

  describe('reads', () => {
    const reads: Case[] = [
      ['get gateways -A', /NAMESPACE +NAME +CLASS +ADDRESS +PROGRAMMED +AGE/],
      ['get pods -A -o wide', /READY +STATUS +RESTARTS +AGE +IP +NODE/],
      ['get services -n docs', /TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\)/],
      ['get deployments -A', /READY +UP-TO-DATE +AVAILABLE/],
      ['get nodes', /STATUS +ROLES +AGE +VERSION/],
      ['get gatewayclasses', /CONTROLLER +ACCEPTED/],
      ['get httproutes -A', /HOSTNAMES/],
      ['get certificates -A', /READY +SECRET/],
      ['get externalsecrets -A', /STORE +REFRESH INTERVAL +STATUS +READY/],
      ['get configmaps -n kube-system', /NAME +DATA +AGE/],
      ['get events -A', /LAST SEEN +TYPE +REASON +OBJECT +MESSAGE/],
      ['get pods -A --chunk-size=2', /docs/],
      ['get pods -A -l k8s-app=kube-dns', /coredns/],
      ['get pods -A --field-selector=status.phase=Running', /coredns/],
      [`get gateway -n ${namespace} ${name} -o yaml`, /^kind: Gateway$/m],
      [`get gateway -n ${namespace} ${name} -o json`, /"kind": "Gateway"/],
      [
        `get gateway -n ${namespace} ${name} -o jsonpath={.spec.gatewayClassName}`,
        new RegExp(`^${stack.gatewayClass.name}$`),
      ],
      ['get nodes -o custom-columns=IS:.kind', /^IS\nNode\n$/],
      [`describe gateway -n ${namespace} ${name}`, /Listeners:[\s\S]*Protocol: +HTTPS/],
      ['describe node', /Roles: +control-plane/],
      ['describe deployment -n docs docs', /Replicas: +2 desired/],
      ['api-resources', /gateways +gtw +gateway\.networking\.k8s\.io\/v1 +true +Gateway/],
      ['api-resources --verbs=deletecollection -o name', /^gateways\.gateway\.networking\.k8s\.io$/m],
      ['api-versions', /^cert-manager\.io\/v1$/m],
      ['explain gateway.spec.listeners', /(FIELD|RESOURCE): listeners[\s\S]*allowedRoutes\t/],
      ['explain deployment.spec.template.spec.containers.image', /Container image name/],
      ['auth whoami', /Username +admin/],
      ['auth can-i list pods', /^yes/],
      ['auth can-i --list', /\*\.\*/],
      [`auth can-i list services -n ${namespace} --as=bob --as-group=system:masters`, /^yes/],
      ['version', /Server Version: .*v1\.36\.2/],
      ['cluster-info', /control plane.* is running at/],
      [`wait --for=condition=Programmed --timeout=10s -n ${namespace} gateway/${name}`, /condition met/],
    ];
    test.concurrent.each(reads.filter(isKnown))('%s', (args, expected) => succeeds(args, expected));
    test.skip.each(reads.filter(isMissing))('%s (this kubectl is too old)', () => undefined);

    test('logs', async () => {
      const pods = await kubectl(`get pods -A -l gateway.envoyproxy.io/owning-gateway-name=${name} -o name`);
      const logs = await kubectl(`logs -n ${stack.envoyGateway.namespace} ${pods.stdout.trim()} -c envoy --tail=5`);
      expect(logs.stderr).toBe('');
      expect(logs.code).toBe(0);
    });

    test('top is not installed', async () => {
      const { code, stderr } = await kubectl('top nodes');
      expect(code).toBe(1);
      expect(stderr).toContain('Metrics API not available');
    });
  });

  describe('writes', () => {
    /** One verb follows from another: these are one day of a deployment's life. */
    const writes: Case[] = [
      ['create namespace crew', /namespace\/crew created/],
      ['config set-context --current --namespace=crew', /modified/],
      ['apply -k . --dry-run=server', /deployment\.apps\/web created \(server dry run\)/],
      ['apply -k .', /httproute\.gateway\.networking\.k8s\.io\/web created/],
      ['apply -f deployment.yaml', /deployment\.apps\/web unchanged/],
      ['rollout status deployment/web --timeout=20s', /successfully rolled out/],
      ['wait --for=condition=Available deployment/web --timeout=20s', /condition met/],
      [
        'apply -f - -o jsonpath={.spec.template.spec.containers[0].env}',
        /^\[\{"name":"A","value":"3"\}\]$/,
        manifests['deployment.yaml'].replace("'1'", "'3'").replace(", { name: B, value: '2' }", ''),
      ],
      ['apply --server-side -f service.yaml', /service\/web serverside-applied/],
      ['set image deployment/web web=web:2', /image updated/],
      ['set env deployment/web C=3', /env updated/],
      ['edit deployment web', /deployment\.apps\/web edited/],
      ['get deployment web -o jsonpath={.spec.template.spec.containers[0].image}', /^web:9$/],
      ['scale deployment/web --replicas=3', /scaled/],
      ['rollout restart deployment/web', /restarted/],
      ['rollout status deployment/web --timeout=20s', /successfully rolled out/],
      ['rollout history deployment/web', /REVISION/],
      ['rollout undo deployment/web', /rolled back/],
      ['annotate deployment web note=kept', /annotated/],
      ['label deployment web tier=front', /labeled/],
      ['label deployment web tier-', /labeled/],
      [['patch', 'service', 'web', '-p', '{"spec":{"ports":[{"port":81,"name":"b"}]}}'], /patched/],
      [['patch', 'httproute', 'web', '--type=merge', '-p', '{"spec":{"hostnames":null}}'], /patched/],
      [['patch', 'service', 'web', '--type=json', '-p', '[{"op":"remove","path":"/spec/ports/0"}]'], /patched/],
      [
        ['patch', 'httproute', 'web', '--subresource=status', '--type=merge', '-p', '{"status":{"parents":[]}}'],
        /patched/,
      ],
      ['replace -f service.yaml', /service\/web replaced/],
      [['create', 'cronjob', 'work', '--image=work:1', '--schedule=0 0 * * *'], /cronjob\.batch\/work created/],
      ['create job once --from=cronjob/work', /job\.batch\/once created/],
      ['create configmap settings --from-literal=a=b', /configmap\/settings created/],
      ['create secret generic token --from-literal=a=b', /secret\/token created/],
      ['create deployment other --image=other:1 --replicas=2 --port=80', /deployment\.apps\/other created/],
      ['expose deployment other --port=80', /service\/other exposed/],
      ['run lone --image=lone:1', /pod\/lone created/],
      ['create ingress web --rule=web.example/x=web:80', /ingress.*\/web created/],
      [
        'drain legion --pod-selector=run=lone --disable-eviction --force --ignore-daemonsets',
        /node\/legion (drained|deleted)/,
      ],
      ['uncordon legion', /uncordoned/],
      ['run lone --image=lone:1', /pod\/lone created/],
      ['create clusterrolebinding looking --clusterrole=view --user=bob', /looking created/],
      ['auth can-i list pods --all-namespaces --as=bob', /^yes/],
      ['create rolebinding working --clusterrole=edit --user=ann', /working created/],
      ['auth can-i create deployments --as=ann', /^yes/],
      ['get configmap kube-root-ca.crt -o yaml', /BEGIN CERTIFICATE/],
      ['get serviceaccount default', /default/],
      ['create serviceaccount robot', /serviceaccount\/robot created/],
      ['create role reading --verb=list --resource=pods', /role.*\/reading created/],
      ['create rolebinding reading --role=reading --serviceaccount=crew:robot', /rolebinding.*\/reading created/],
      ['auth can-i list pods --as=system:serviceaccount:crew:robot', /^yes/],
      ['get pods --as=system:serviceaccount:crew:robot', /lone/],
      ['wait --for=condition=Ready pod/lone --timeout=20s', /condition met/],
      ['delete pod lone', /"lone" deleted/],
      ['delete deployment other --cascade=orphan', /deleted/],
      ['get replicasets -l app=other', /other-/],
      ['create deployment third --image=third:1', /created/],
      ['rollout status deployment/third --timeout=20s', /successfully rolled out/],
      ['delete pods -l app=third --force --grace-period=0', /force deleted/],
      ['delete deployment third --cascade=foreground', /deleted/],
      ['delete httproute,service web', /service "web" deleted/],
      ['delete deployment -l app=web --wait=false', /deleted/],
      ['delete configmap --all', /deleted/],
      ['cordon legion', /cordoned/],
      ['uncordon legion', /uncordoned/],
      ['delete namespace crew', /"crew" deleted/],
    ];
    test.skip.each(writes.filter(isMissing))('%s (this kubectl is too old)', () => undefined);
    test.each(writes.filter(isKnown))('%s', (args, expected, input) => succeeds(args, expected, input));

    test('nothing of it is left', async () => {
      expect((await kubectl('get deployments,pods,replicasets -n crew')).stdout).toBe('');
    });

    test('diff tells what an apply would change', async () => {
      const changed = await kubectl(`get deployment docs -n docs -o yaml`);
      const { code, stdout } = await kubectl(
        'diff -f -',
        'admin',
        changed.stdout.replace(/replicas: \d+/, 'replicas: 7'),
      );
      expect(stdout).toMatch(/^\+ +replicas: 7$/m);
      expect(code).toBe(1);
    });

    test('get --watch shows what changes', async () => {
      const watching = kubectl('get configmap -n default --watch --request-timeout=4s -o name');
      await expect
        .poll(async () => (await kubectl('create configmap seen -n default --dry-run=server')).code, {
          timeout: 10_000,
        })
        .toBe(0);
      await kubectl('create configmap seen -n default');
      expect((await watching).stdout).toContain('configmap/seen');
    });
  });

  describe('is refused', () => {
    test('what a user without role asks for', async () => {
      expect(await kubectl('auth can-i list pods', 'nobody')).toMatchObject({ code: 1, stdout: 'no\n' });
      const { code, stderr } = await kubectl('get pods -n docs', 'nobody');
      expect(code).toBe(1);
      expect(stderr).toContain(
        'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "docs"',
      );
    });

    test('a field that a kind does not have', async () => {
      const { code, stderr } = await kubectl('apply -n docs -f misspelt.yaml');
      expect(code).toBe(1);
      expect(stderr).toMatch(/unknown field "(spec\.)?hostname"/);
    });

    test('what another manager owns', async () => {
      const manager = 'apply --server-side -n docs -f service.yaml --field-manager';
      await succeeds(`${manager}=one`, /serverside-applied/);
      writeFileSync(join(folder, 'app', 'changed.yaml'), manifests['service.yaml'].replace('app: web', 'app: other'));
      const { code, stderr } = await kubectl(`${manager}=two`.replace('service.yaml', 'changed.yaml'));
      expect(code).toBe(1);
      expect(stderr).toContain('conflict with "one": .spec.selector');
    });
  });
});
