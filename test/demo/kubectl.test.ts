/**
 * kubectl itself, as the strictest of clients. On a machine without it these tests are skipped, by name.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stack } from '../../runbooks/stack.ts';
import { startDemo, type Demo, type UserName } from '../../src/demo/demo.ts';

const installed = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
const { namespace, name } = stack.gateway;

describe.skipIf(!installed)('kubectl (skipped where it is not installed)', () => {
  let demo: Demo;
  let folder: string;

  beforeAll(async () => {
    demo = await startDemo();
    folder = mkdtempSync(join(tmpdir(), 'demo-kubectl-'));
    for (const user of ['admin', 'nobody'] as const)
      writeFileSync(join(folder, user), demo.kubeconfig(user), { mode: 0o600 });
  });
  afterAll(async () => {
    await demo.close();
    rmSync(folder, { recursive: true });
  });

  const kubectl = (args: string, user: UserName = 'admin'): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const words = ['--kubeconfig', join(folder, user), '--cache-dir', join(folder, 'cache'), ...args.split(' ')];
      execFile('kubectl', words, { timeout: 20_000 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
    });

  test.each([
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
    [`get gateway -n ${namespace} ${name} -o yaml`, /^kind: Gateway$/m],
    [
      `get gateway -n ${namespace} ${name} -o jsonpath={.spec.gatewayClassName}`,
      new RegExp(`^${stack.gatewayClass.name}$`),
    ],
    [`describe gateway -n ${namespace} ${name}`, /Listeners:[\s\S]*Protocol: +HTTPS/],
    ['describe node', /Roles: +control-plane/],
    ['api-resources', /gateways +gtw +gateway\.networking\.k8s\.io\/v1 +true +Gateway/],
    ['api-versions', /^cert-manager\.io\/v1$/m],
    ['auth whoami', /Username +admin/],
    ['auth can-i list pods', /^yes/],
    ['auth can-i --list', /\*\.\*/],
    ['version', /Server Version: v1\.36\.2/],
    [`wait --for=condition=Programmed --timeout=10s -n ${namespace} gateway/${name}`, /condition met/],
  ])('kubectl %s', async (args, expected) => {
    const { code, stdout, stderr } = await kubectl(args);
    expect(stdout, stderr).toMatch(expected);
    expect(code).toBe(0);
  });

  test('kubectl logs', async () => {
    const pods = await kubectl(`get pods -A -l gateway.envoyproxy.io/owning-gateway-name=${name} -o name`);
    const logs = await kubectl(`logs -n ${stack.envoyGateway.namespace} ${pods.stdout.trim()} -c envoy --tail=5`);
    expect(logs.stderr).toBe('');
    expect(logs.code).toBe(0);
  });

  test('as a user without role', async () => {
    expect(await kubectl('auth can-i list pods', 'nobody')).toMatchObject({ code: 1, stdout: 'no\n' });
    const { code, stderr } = await kubectl('get pods', 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "default"',
    );
  });

  test('nothing is written', async () => {
    const { code, stderr } = await kubectl(`annotate gateway -n ${namespace} ${name} a=b`);
    expect(code).toBe(1);
    expect(stderr).toContain('MethodNotAllowed');
  });
});
