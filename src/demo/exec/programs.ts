/**
 * The few programs of the demo's containers: those that the handbook's pages and remedies ask for, and what one types first in a
 * container. Which image has which is as in the real images; a shell is not among them.
 */
import { clusterDnsService } from '../controllers/cluster-dns.ts';
import { findService, lookUpFromPods } from './cluster-dns.ts';
import { list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { State } from '../../../packages/apiserver/state/state.ts';
import type { Call as Called, Place, Programs } from '../../../packages/apiserver/exec/program.ts';
import { ciliumCommand } from './cilium.ts';
import { vaultCommand } from './vault.ts';
import type { World } from '../world.ts';

/** A call, and what lies around the container. */
interface Call extends Called {
  state: State;
  world: World;
}

type Program = (call: Call) => number | Promise<number>;

/** Programs of busybox and of GNU's coreutils alike. */
const common: Readonly<Record<string, Program>> = { cat, date, env, hostname };
const busybox = { ...common, nslookup };

/** By the last part of the image's name. Images from scratch and distroless ones have no program that one could call. */
const programs: Readonly<Record<string, Readonly<Record<string, Program>>>> = {
  vault: { ...busybox, vault },
  busybox,
  alpine: busybox,
  curl: busybox,
  kubectl: busybox,
  tailscale: busybox,
  'k8s-operator': busybox,
  headlamp: busybox,
  cilium: { ...common, 'cilium-dbg': ciliumDbg },
  debian: common,
  jellyfin: common,
  ubuntu: common,
};

/** The programs of the demo's containers, each found by its name, with or without its path. */
export const programsOf =
  (state: State, world: World): Programs =>
  (name, place) => {
    const program = programOf(name, place);
    return program && ((call) => program({ ...call, state, world }));
  };

function programOf(name: string, { pod, container }: Place): Program | undefined {
  const image = text(containerOf(pod, container), 'image')
    .replace(/@.*$/, '')
    .replace(/:[^/]*$/, '');
  const own = programs[image.split('/').at(-1) ?? ''] ?? {};
  const file = name.replace(/^(\/usr)?(\/local)?\/s?bin\//, '');
  return Object.hasOwn(own, file) ? own[file] : undefined;
}

const containerOf = (pod: StoredObject, name: string): unknown =>
  [...list(pod, 'spec', 'containers'), ...list(pod, 'spec', 'initContainers')].find(
    (container) => text(container, 'name') === name,
  );

function date({ state, terminal }: Call): number {
  const now = state.now();
  const [day, month, rest] = [
    ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][now.getUTCDay()],
    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][now.getUTCMonth()],
    `${now.toISOString().slice(11, 19)} UTC ${now.getUTCFullYear()}`,
  ];
  terminal.print(`${day} ${month} ${String(now.getUTCDate()).padStart(2)} ${rest}\n`);
  return 0;
}

function hostname({ pod, terminal }: Call): number {
  terminal.print(`${text(pod, 'spec', 'hostname') || pod.metadata.name}\n`);
  return 0;
}

/** What the pod's template says, and what the kubelet adds; the variables of Services are left out. */
function env({ pod, container, state, terminal }: Call): number {
  const variables = list(containerOf(pod, container), 'env').map((variable) => {
    const path = text(variable, 'valueFrom', 'fieldRef', 'fieldPath');
    const fields: Readonly<Record<string, string>> = {
      'metadata.name': pod.metadata.name,
      'metadata.namespace': pod.metadata.namespace ?? '',
      'metadata.uid': pod.metadata.uid,
      'spec.nodeName': text(pod, 'spec', 'nodeName'),
      'status.podIP': text(pod, 'status', 'podIP'),
      'status.hostIP': text(pod, 'status', 'hostIP'),
    };
    const isSecret = text(variable, 'valueFrom', 'secretKeyRef', 'key') !== '';
    return `${text(variable, 'name')}=${isSecret ? '(not in the demo)' : (fields[path] ?? text(variable, 'value'))}`;
  });
  const api = findService(state, 'default', 'kubernetes');
  terminal.print(
    [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `HOSTNAME=${text(pod, 'spec', 'hostname') || pod.metadata.name}`,
      ...variables,
      ...(api === undefined
        ? []
        : [`KUBERNETES_SERVICE_HOST=${text(api, 'spec', 'clusterIP')}`, 'KUBERNETES_SERVICE_PORT=443']),
      '',
    ].join('\n'),
  );
  return 0;
}

function cat({ args, pod, state, terminal }: Call): number {
  const namespace = pod.metadata.namespace ?? '';
  const host = text(pod, 'spec', 'hostname') || pod.metadata.name;
  const files: Readonly<Record<string, string>> = {
    '/etc/hostname': `${host}\n`,
    '/etc/hosts': `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${text(pod, 'status', 'podIP')}\t${host}\n`,
    '/etc/resolv.conf': `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${clusterDns(state)}\noptions ndots:5\n`,
    '/var/run/secrets/kubernetes.io/serviceaccount/namespace': namespace,
  };
  let exitCode = 0;
  for (const file of args) {
    const content = files[file];
    if (content === undefined) {
      terminal.complain(`cat: can't open '${file}': No such file or directory\n`);
      exitCode = 1;
    } else {
      terminal.print(content);
    }
  }
  return exitCode;
}

const clusterDns = (state: State): string => text(clusterDnsService(state), 'spec', 'clusterIP');

/** As busybox 1.37 asks and prints: A and AAAA of the name as it is, for it does not use the search list. */
function nslookup({ args, state, world, terminal }: Call): number {
  const names = args.filter((arg) => !arg.startsWith('-'));
  const [name = '', server] = names;
  if (name === '') {
    terminal.complain('Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n');
    return 1;
  }
  const resolver = server ?? clusterDns(state);
  const views = (['A', 'AAAA'] as const).map((type) =>
    resolver === clusterDns(state) ? lookUpFromPods(state, world, name.toLowerCase(), type) : undefined,
  );
  if (views.some((answer) => answer === undefined)) {
    terminal.complain(';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  terminal.print(`Server:\t\t${resolver}\nAddress:\t${resolver}:53\n\n`);
  let exitCode = 0;
  for (const answer of views) {
    if (answer === undefined) continue;
    if (answer.rcode !== 0) {
      terminal.print(`** server can't find ${name}: ${rcodes[answer.rcode] ?? answer.rcode}\n\n`);
      exitCode = 1;
      continue;
    }
    if (!answer.authoritative) terminal.print('Non-authoritative answer:\n');
    for (const record of answer.records) {
      terminal.print(
        record.type === 'CNAME'
          ? `${record.name}\tcanonical name = ${record.data}\n`
          : `Name:\t${record.name}\nAddress: ${record.data}\n`,
      );
    }
    terminal.print('\n');
  }
  return exitCode;
}

const rcodes: Readonly<Record<number, string>> = { 2: 'SERVFAIL', 3: 'NXDOMAIN', 5: 'REFUSED' };

function ciliumDbg({ args, pod, container, state, terminal }: Call): number {
  const image = text(containerOf(pod, container), 'image');
  const node = text(pod, 'status', 'hostIP');
  const { stdout, stderr, exitCode } = ciliumCommand(args, state.objects, { image, node });
  terminal.print(stdout);
  terminal.complain(stderr);
  return exitCode;
}

/** The command line of Vault. It asks for a key share where none is given, if somebody can be asked. [Vault 1.20] */
async function vault({ args, world, terminal }: Call): Promise<number> {
  let given = [...args];
  const isUnseal = args[0] === 'operator' && args[1] === 'unseal';
  if (isUnseal && !args.slice(2).some((arg) => !arg.startsWith('-') || arg === '-reset')) {
    if (!terminal.tty) {
      terminal.complain(
        'An error occurred attempting to ask for an unseal key. The raw error message is shown below, but usually this is because you attempted to pipe a value into the unseal command or you are executing outside of a terminal (tty). You should run the unseal command from a terminal for maximum security. If this is not an option, the unseal key can be provided as the first argument to the unseal command. The raw error was:\n\nfile descriptor 0 is not a terminal\n',
      );
      return 1;
    }
    const share = await terminal.ask('Unseal Key (will be hidden): ', { hidden: true });
    terminal.print('\n');
    given = [...args, (share ?? '').trim()];
  }
  const { stdout, stderr, exitCode } = vaultCommand(given, world);
  terminal.print(stdout);
  terminal.complain(stderr);
  return exitCode;
}
