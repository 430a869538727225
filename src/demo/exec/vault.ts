/**
 * Vault as far as the homelab uses it: it seals itself, lets ServiceAccounts log in, and holds properties under paths [Vault 1.20].
 *
 * It holds no values: whatever is asked for reads as a placeholder. Keys to unseal it are not checked either, for the demo has none.
 */
import type { World, WorldFacts } from '../world.ts';

type Vault = WorldFacts['vault'];

/** How many key shares it takes, and how many there are. */
const threshold = 3;
const shares = 5;
const version = '1.20.4';

/** What stands for every value. */
export const placeholder = 'demo';

/** An answer that is none, as Vault's API gives it. */
export interface Refusal {
  code: number;
  errors: readonly string[];
}

const sealedRefusal: Refusal = { code: 503, errors: ['Vault is sealed'] };
const denied: Refusal = { code: 403, errors: ['1 error occurred:\n\t* permission denied\n\n'] };

/** A refusal in the words of Vault's own client [api/response.go]. */
export const apiError = (method: string, url: string, { code, errors }: Refusal): string =>
  `Error making API request.\n\nURL: ${method} ${url}\nCode: ${code}. Errors:\n\n${errors.map((error) => `* ${error}`).join('\n')}`;

/** Logs a ServiceAccount in; what it may do then, or why it may not log in. */
export function logIn(
  { sealed, refuses, roles }: Vault,
  role: string,
  { namespace, name }: { namespace: string; name: string },
): { policies: readonly string[] } | Refusal {
  if (sealed) return sealedRefusal;
  if (refuses !== null) return { code: 403, errors: [refuses] };
  const known = roles[role];
  if (known === undefined) return { code: 400, errors: [`invalid role name "${role}"`] };
  const fits = (allowed: readonly string[], own: string): boolean => allowed.includes('*') || allowed.includes(own);
  if (fits(known.names, name) && fits(known.namespaces, namespace)) return { policies: known.policies };
  return { code: 403, errors: ['permission denied'] };
}

/** The properties at a path of the store `secret`, for whoever has these policies; undefined when there is nothing. */
export function readSecret(
  { sealed, policies: known, holds }: Vault,
  policies: readonly string[],
  mount: string,
  path: string,
): { properties: readonly string[] | undefined } | Refusal {
  if (sealed) return sealedRefusal;
  const wanted = `${mount}/data/${path}`;
  const may = policies
    .flatMap((policy) => (policy === 'root' ? ['*'] : (known[policy] ?? [])))
    .some((allowed) => (allowed.endsWith('*') ? wanted.startsWith(allowed.slice(0, -1)) : wanted === allowed));
  if (!may) return denied;
  return { properties: mount === 'secret' ? holds[path] : undefined };
}

/** Gives Vault a key share: the third unseals it. */
function unseal(world: World): void {
  const { sealed, progress } = world.facts.vault;
  if (!sealed) return;
  world.change({ vault: progress + 1 < threshold ? { progress: progress + 1 } : { sealed: false, progress: 0 } });
}

/** What a command prints and ends with. */
export interface Printed {
  stdout: string;
  stderr: string;
  exitCode: number;
}

const prints = (stdout: string): Printed => ({ stdout, stderr: '', exitCode: 0 });
const complains = (stderr: string): Printed => ({ stdout: '', stderr, exitCode: 2 });

const address = 'http://127.0.0.1:8200/v1';

/** Commands of the `vault` program in Vault's pod, of a person who has logged in as root. */
export function vaultCommand(args: readonly string[], world: World): Printed {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [one = '', two = '', ...rest] = words;
  if (one === 'status') return status(world.facts.vault);
  if (one === 'operator' && two === 'unseal') return operatorUnseal(world, rest[0] ?? '', args.includes('-reset'));
  const [command, act] = Object.entries(commands).find(([name]) => name === one || name === `${one} ${two}`) ?? [];
  if (command === undefined || act === undefined) {
    return complains(`The demo’s Vault knows: vault status, operator unseal, ${Object.keys(commands).join(', ')}.\n`);
  }
  const mount = option(args, 'mount');
  return act(world, words.slice(command.split(' ').length), mount);
}

type Command = (world: World, words: readonly string[], mount: string) => Printed;

const commands: Readonly<Record<string, Command>> = {
  'kv get': ({ facts }, [path = ''], mount) => {
    const key = keyOf(path, mount);
    const refusal = refusalOf(facts.vault, 'GET', `secret/data/${key}`);
    if (refusal !== undefined) return refusal;
    const properties = facts.vault.holds[key];
    if (properties === undefined) return complains(`No value found at secret/data/${key}\n`);
    const data = properties.map((property) => [property, placeholder] as const);
    return prints(`${pathOf(key)}\n${headed('Metadata', metadata)}\n${headed('Data', data)}`);
  },
  'kv list': ({ facts }, [path = ''], mount) => {
    const key = keyOf(path, mount).replace(/\/$/, '');
    const refusal = refusalOf(facts.vault, 'GET', `secret/metadata/${key}?list=true`);
    if (refusal !== undefined) return refusal;
    const prefix = key === '' ? '' : `${key}/`;
    const below = Object.keys(facts.vault.holds)
      .filter((held) => held.startsWith(prefix))
      .map((held) => held.slice(prefix.length).replace(/\/.*$/, '/'));
    if (below.length === 0) return complains(`No value found at secret/metadata/${key}\n`);
    return prints(`Keys\n----\n${[...new Set(below)].sort().join('\n')}\n`);
  },
  'kv put': (world, [path = '', ...pairs], mount) => {
    const key = keyOf(path, mount);
    const properties = pairs.map((pair) => pair.replace(/=.*$/s, ''));
    if (properties.length === 0 || pairs.some((pair) => !pair.includes('='))) {
      return { ...complains('Must supply data\n'), exitCode: 1 };
    }
    const refusal = refusalOf(world.facts.vault, 'PUT', `secret/data/${key}`);
    if (refusal !== undefined) return refusal;
    world.change({ vault: { holds: { [key]: properties } } });
    return prints(`${pathOf(key)}\n${headed('Metadata', metadata)}`);
  },
  'kv delete': (world, [path = ''], mount) => {
    const key = keyOf(path, mount);
    const refusal = refusalOf(world.facts.vault, 'DELETE', `secret/data/${key}`);
    if (refusal !== undefined) return refusal;
    world.change({ vault: { holds: { [key]: null } } });
    return prints(`Success! Data deleted (if it existed) at: secret/data/${key}\n`);
  },
  read: ({ facts }, [path = '']) => {
    const refusal = refusalOf(facts.vault, 'GET', path);
    if (refusal !== undefined) return refusal;
    const role = facts.vault.roles[roleIn(path)];
    if (role === undefined) return complains(`No value found at ${path}\n`);
    const rows = [
      ['alias_name_source', 'serviceaccount_uid'],
      ['bound_service_account_names', goList(role.names)],
      ['bound_service_account_namespaces', goList(role.namespaces)],
      ['policies', goList(role.policies)],
      ['token_policies', goList(role.policies)],
      ['token_ttl', '1h'],
      ['token_type', 'default'],
    ] as const;
    return prints(table(rows));
  },
  write: (world, [path = '', ...pairs]) => {
    const refusal = refusalOf(world.facts.vault, 'PUT', path);
    if (refusal !== undefined) return refusal;
    const name = roleIn(path);
    if (name === '') return complains('The demo’s Vault lets you write auth/kubernetes/role/NAME only.\n');
    const given = new Map(pairs.map((pair) => [pair.replace(/=.*$/s, ''), pair.replace(/^[^=]*=?/, '').split(',')]));
    const old = world.facts.vault.roles[name] ?? { names: [], namespaces: [], policies: [] };
    const role = {
      names: given.get('bound_service_account_names') ?? old.names,
      namespaces: given.get('bound_service_account_namespaces') ?? old.namespaces,
      policies: given.get('token_policies') ?? given.get('policies') ?? old.policies,
    };
    if (role.names.length === 0) {
      return complains(
        `Error writing data to ${path}: ${apiError('PUT', `${address}/${path}`, { code: 400, errors: ['"bound_service_account_names" can not be empty'] })}\n`,
      );
    }
    world.change({ vault: { roles: { [name]: role } } });
    return prints(`Success! Data written to: ${path}\n`);
  },
};

/** A path of the store `secret`: with `-mount=secret`, or after `secret/` as of old. */
const keyOf = (path: string, mount: string): string =>
  mount === '' ? path.replace(/^\/?secret\/?(?:data\/)?/, '') : path.replace(/^\//, '');

const roleIn = (path: string): string => /^\/?auth\/kubernetes\/role\/([^/]+)$/.exec(path)?.[1] ?? '';

/** A sealed Vault refuses everything but its seal's own commands. */
function refusalOf({ sealed }: Vault, method: string, path: string): Printed | undefined {
  if (!sealed) return undefined;
  const verb = method === 'GET' ? 'reading' : 'writing data to';
  return complains(`Error ${verb} ${path}: ${apiError(method, `${address}/${path}`, sealedRefusal)}\n`);
}

function operatorUnseal(world: World, share: string, isReset: boolean): Printed {
  if (isReset) world.change({ vault: { progress: 0 } });
  else if (!/^([0-9a-f]{2}){16,}$/i.test(share) && !/^[A-Za-z0-9+/]{22,}={0,2}$/.test(share)) {
    const refusal = { code: 400, errors: ["'key' must be a valid hex or base64 string"] };
    return complains(`Error unsealing: ${apiError('PUT', `${address}/sys/unseal`, refusal)}\n`);
  } else unseal(world);
  // A command that did what it was told ends well, whatever the seal's state is by then.
  return { ...status(world.facts.vault), exitCode: 0 };
}

function status({ sealed, progress }: Vault): Printed {
  const rows = [
    ['Seal Type', 'shamir'],
    ['Initialized', 'true'],
    ['Sealed', String(sealed)],
    ['Total Shares', String(shares)],
    ['Threshold', String(threshold)],
    ...(sealed
      ? [
          ['Unseal Progress', `${progress}/${threshold}`],
          ['Unseal Nonce', progress === 0 ? 'n/a' : '6b0c1f2e-9d35-4c1b-8f0a-2f5d7c1e9a44'],
        ]
      : []),
    ['Version', version],
    ['Storage Type', 'raft'],
    ...(sealed
      ? []
      : [
          ['Cluster Name', 'vault-cluster-3f9c1a7e'],
          ['Cluster ID', '0d2f6b1c-4e8a-4b57-9c3d-7a1e5f2b8d60'],
        ]),
    ['Removed From Cluster', 'false'],
    ['HA Enabled', 'true'],
    ...(sealed
      ? []
      : [
          ['HA Cluster', 'https://vault-0.vault-internal:8201'],
          ['HA Mode', 'active'],
        ]),
  ] as const;
  return { stdout: table(rows), stderr: '', exitCode: sealed ? 2 : 0 };
}

/** Two columns, as Vault prints them: four spaces after the longest key. */
function table(rows: readonly (readonly string[])[]): string {
  const all = [['Key', 'Value'], ['---', '-----'], ...rows];
  const width = Math.max(...all.map(([key = '']) => key.length)) + 4;
  return all.map(([key = '', value = '']) => `${key.padEnd(width)}${value}\n`).join('');
}

/** Heading and table of a map [command/kv_helpers.go]. */
const headed = (title: string, rows: readonly (readonly [string, string])[]): string =>
  `${heading(title, Math.max(...rows.map(([key]) => key.length)) + '    Value'.length)}\n${table(rows)}`;

function heading(title: string, width: number): string {
  const free = width - title.length - 2;
  const bar = '='.repeat(free <= 0 ? 2 : Math.ceil(free / 2));
  return `${bar} ${title} ${bar}`;
}

const pathOf = (key: string): string => `${heading('Secret Path', `secret/data/${key}`.length)}\nsecret/data/${key}\n`;

/** The demo's Vault knows no versions. */
const metadata = [
  ['created_time', '2026-08-19T09:12:44.218391Z'],
  ['custom_metadata', '<nil>'],
  ['deletion_time', 'n/a'],
  ['destroyed', 'false'],
  ['version', '1'],
] as const;

/** A list as Go prints it. */
const goList = (words: readonly string[]): string => `[${words.join(' ')}]`;

const option = (args: readonly string[], name: string): string =>
  args.map((arg) => new RegExp(`^--?${name}=(.*)$`).exec(arg)?.[1]).find((found) => found !== undefined) ?? '';
