/**
 * `kubectl exec` with the real kubectl, over a real pseudo-terminal where one is asked for: programs, streams, exit codes, refusals. One
 * that knows no WebSockets can do none of it, and is skipped by name.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { partNames } from '../../runbooks/parts.ts';
import { startDemo, type Demo } from '../../src/demo/node/demo.ts';
import { ensureKubectl, execsSince, withKubectl } from '../support/find-kubectl.ts';
import { gathered, onTerminal as typedOn, type Ended } from '../support/terminal.ts';
import { ask, tokenOf } from '../apiserver/support.ts';

const kubectl = ensureKubectl();
const isTooOld = kubectl.minor < execsSince;
const speaksSpdy = isTooOld ? ` (kubectl 1.${kubectl.minor} speaks SPDY alone)` : '';

const key = Buffer.alloc(32, 7).toString('base64');
const vault = partNames.vault.namespace;

let demo: Demo;
let folder: string;

beforeAll(async () => {
  if (spawnSync('script', ['--help'], { stdio: 'ignore' }).error !== undefined) {
    throw new Error('script is missing. On Debian: apt-get install bsdutils');
  }
  demo = await startDemo({
    readerRules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/exec'] }],
    scenario: { changes: [], world: { missingImages: ['example.com/busybox:9'] } },
  });
  demo.change([
    {
      op: 'create',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'waiting', namespace: 'default' },
        spec: { nodeName: 'legion', containers: [{ name: 'main', image: 'example.com/busybox:9' }] },
      },
    },
  ]);
  folder = mkdtempSync(join(tmpdir(), 'demo-exec-'));
  for (const user of ['admin', 'reader', 'nobody'] as const)
    writeFileSync(join(folder, user), demo.kubeconfig(user), { mode: 0o600 });
});
afterAll(async () => {
  await demo.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => demo.mendWorld({ vault: { sealed: false, progress: 0 } }));

const environment = (user: string): NodeJS.ProcessEnv => ({
  ...withKubectl(kubectl, {}),
  HOME: folder,
  KUBECONFIG: join(folder, user),
});

function exec(args: string, { user = 'admin', stdin = '' } = {}): Promise<Ended> {
  const child = spawn(kubectl.path, ['exec', ...args.split(' ')], { env: environment(user) });
  child.stdin.end(stdin);
  return gathered(child).ended;
}

/** Types on a terminal: each text when what it waits for has appeared. */
const onTerminal = (args: string, typed: Parameters<typeof typedOn>[1]): Promise<Ended> =>
  typedOn(`kubectl exec -it ${args}`, typed, { env: environment('admin') });

const prompt = 'Unseal Key (will be hidden): ';

describe.skipIf(isTooOld)(`Vault${speaksSpdy}`, () => {
  test('is unsealed with three key shares, typed on a terminal and not shown', async () => {
    demo.changeWorld({ vault: { sealed: true } });
    const before = await exec(`-n ${vault} vault-0 -- vault status`);
    expect(before.stdout).toMatch(/^Sealed +true$/m);
    expect(before.code).toBe(2);
    expect(before.stderr).toContain('command terminated with exit code 2');

    for (const progress of [1, 2]) {
      const { stdout, code } = await onTerminal(`-n ${vault} vault-0 -- vault operator unseal`, [[prompt, `${key}\r`]]);
      expect(stdout).toMatch(new RegExp(`^Unseal Progress +${progress}/3\r$`, 'm'));
      expect(stdout).not.toContain(key);
      expect(code).toBe(0);
    }
    const last = await exec(`-n ${vault} vault-0 -- vault operator unseal ${key}`);
    expect(last.stdout).toMatch(/^Sealed +false$/m);
    expect((await exec(`-n ${vault} vault-0 -- vault status`)).code).toBe(0);
  });

  test('takes no word for a key share', async () => {
    const { stderr, code } = await exec(`-n ${vault} vault-0 -- vault operator unseal hunter2`);
    expect(stderr).toContain("'key' must be a valid hex or base64 string");
    expect(code).toBe(2);
  });

  test('asks nobody where there is no terminal', async () => {
    const { stderr, code } = await exec(`-n ${vault} -i vault-0 -- vault operator unseal`, { stdin: `${key}\n` });
    expect(stderr).toContain('not a terminal');
    expect(code).toBe(1);
  });

  test('is left alone with Ctrl+C', async () => {
    const { stdout, code } = await onTerminal(`-n ${vault} vault-0 -- vault operator unseal`, [[prompt, 'abc\u0003']]);
    expect(stdout).toContain('^C');
    expect(stdout).not.toContain('abc');
    expect(code).toBe(130);
  });
});

describe.skipIf(isTooOld)(`programs${speaksSpdy}`, () => {
  test.each([
    [`-n ${vault} vault-0 -- date`, /UTC \d{4}\n$/],
    [`-n ${vault} vault-0 -- hostname`, /^vault-0\n$/],
    [`-n ${vault} vault-0 -- env`, /^VAULT_ADDR=http:\/\/127\.0\.0\.1:8200$/m],
    [`-n ${vault} vault-0 -- cat /etc/resolv.conf`, /^nameserver 10\.96\.0\.10$/m],
    [`-n ${vault} vault-0 -- nslookup vault.${vault}.svc.cluster.local`, /^Address: 10\.\d+\.\d+\.\d+$/m],
    [`-n ${partNames.cilium.namespace} daemonset/${partNames.cilium.daemonSet} -- date`, /UTC/],
  ])('kubectl exec %s', async (args, expected) => {
    const { stdout, stderr, code } = await exec(args);
    expect(stdout, stderr).toMatch(expected);
    expect(code).toBe(0);
  });

  test('cilium-dbg says what the agents run with: what their ConfigMap said when they started', async () => {
    const { namespace, daemonSet: name, configMap } = partNames.cilium;
    const status = `-n ${namespace} daemonset/${name} -c cilium-agent -- cilium-dbg status --verbose`;
    const coverage = /^  Socket LB Coverage: +(\S+)$/m;
    expect(coverage.exec((await exec(status)).stdout)?.[1]).toBe('Hostns-only');
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: configMap } };
    const set = (value: string | null): void =>
      demo.change([{ op: 'merge', object: { ...object, data: { 'bpf-lb-sock-hostns-only': value } } }]);
    set(null);
    expect(coverage.exec((await exec(status)).stdout)?.[1]).toBe('Full');
    set('true');
    const short = await exec(status.replace(' --verbose', ''));
    expect(short.stdout).toMatch(/^KubeProxyReplacement: +True/m);
    expect(short.stdout).not.toContain('Details');
    const other = await exec(status.replace('status --verbose', 'bpf lb list'));
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toContain('knows of its commands "status" alone');
  });

  test('nslookup follows the rewrite of the Corefile to the internal Service, and knows no other name', async () => {
    const { namespace, name } = partNames.internalService;
    const service = await ask(demo, `/api/v1/namespaces/${namespace}/services/${name}`);
    const { clusterIP } = (service.json as { spec: { clusterIP: string } }).spec;
    const found = await exec(`-n ${vault} vault-0 -- nslookup ${partNames.vault.hostname}`);
    expect(found.stdout).toContain(`Name:\t${partNames.vault.hostname}\nAddress: ${clusterIP}\n`);
    const missing = await exec(`-n ${vault} vault-0 -- nslookup nowhere.example`);
    expect(missing.stdout).toContain("** server can't find nowhere.example: NXDOMAIN");
    expect(missing.code).toBe(1);
  });

  test('print errors apart from output', async () => {
    const { stdout, stderr, code } = await exec(`-n ${vault} vault-0 -- cat /etc/hostname /nowhere`);
    expect(stdout).toBe('vault-0\n');
    expect(stderr).toContain("cat: can't open '/nowhere': No such file or directory");
    expect(code).toBe(1);
  });
});

describe.skipIf(isTooOld)(`what cannot be run${speaksSpdy}`, () => {
  test.each([
    [`-n ${vault} vault-0 -- bash`, 'exec: "bash": executable file not found in $PATH: unknown'],
    [`-n ${vault} vault-0 -- constructor`, 'exec: "constructor": executable file not found in $PATH: unknown'],
    [`-n ${vault} vault-0 -c nope -- date`, 'container nope is not valid for pod vault-0'],
    [`-n ${vault} vault-9 -- date`, 'pods "vault-9" not found'],
    ['waiting -- date', 'container not found ("main")'],
  ])('kubectl exec %s', async (args, message) => {
    const { stdout, stderr, code } = await exec(args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('by who may not create pods/exec, though it may get it', async () => {
    const { stderr, code } = await exec(`-n ${vault} vault-0 -- date`, { user: 'reader' });
    expect(stderr).toContain('User "reader" cannot create resource "pods/exec" in API group ""');
    expect(code).toBe(1);
  });

  test.each([
    ['port-forward', ['port-forward', '-n', vault, 'pod/vault-0', ':8200'], 'does not support portforward'],
    ['attach', ['attach', '-n', vault, 'vault-0'], 'does not support attach'],
  ])('kubectl %s', async (_, args, message) => {
    const { stderr, code } = await gathered(spawn(kubectl.path, args, { env: environment('admin') })).ended;
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  test('without an upgrade', async () => {
    const path = `/api/v1/namespaces/${vault}/pods/vault-0/exec?command=date&stdout=true`;
    expect(await ask(demo, path)).toMatchObject({ status: 400, json: { message: 'Upgrade request required' } });
  });
});

describe('the connection', () => {
  const open = (query: string, protocol: string): WebSocket =>
    new WebSocket(
      `${demo.server.replace('https', 'wss')}/api/v1/namespaces/${vault}/pods/vault-0/exec?${query}`,
      [protocol],
      {
        rejectUnauthorized: false,
        headers: { authorization: `Bearer ${tokenOf(demo, 'admin')}` },
      },
    );

  test('carries the end of standard input on channel 255, and the outcome on channel 3', async () => {
    const socket = open(
      'command=vault&command=operator&command=unseal&stdin=true&stdout=true&tty=true',
      'v5.channel.k8s.io',
    );
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer) => {
      messages.push(data);
      if (data.toString().includes(prompt)) socket.send(Buffer.from([255, 0]));
    });
    const code = await new Promise((resolve) => socket.on('close', resolve));
    expect(code).toBe(1000);
    expect(messages[0]).toEqual(Buffer.from([1]));
    const last = messages.at(-1) ?? Buffer.from([0]);
    expect(last[0]).toBe(3);
    expect(JSON.parse(last.subarray(1).toString())).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '2' }] },
    });
  });

  test('is refused in a protocol that nobody speaks', async () => {
    const socket = open('command=date&stdout=true', 'v9.channel.k8s.io');
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
    expect(error.message).toContain('400');
  });

  test('ends with the demo', async () => {
    const other = await startDemo();
    const url = `${other.server.replace('https', 'wss')}/api/v1/namespaces/${vault}/pods/vault-0/exec`;
    const query = 'command=vault&command=operator&command=unseal&stdin=true&stdout=true&tty=true';
    const socket = new WebSocket(`${url}?${query}`, ['v5.channel.k8s.io'], {
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${tokenOf(other, 'admin')}` },
    });
    await new Promise((resolve) => socket.once('message', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await other.close();
    await closed;
  });
});
