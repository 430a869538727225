/**
 * Applies the commands of a remedy to a demo cluster as kubectl would, without a server between: what a runbook prints is read word by
 * word, as a shell would. A command that is not known here is an error, not a cure.
 */
import { readFileSync } from 'node:fs';
import { list, text } from '../../packages/apiserver/objects/fields.ts';
import { mergePatch } from '../../packages/apiserver/objects/merge-patch.ts';
import { parseObjects } from '../../packages/apiserver/objects/documents.ts';
import type { KubernetesObject, StoredObject } from '../../packages/apiserver/objects/object.ts';
import type { Resource } from '../../packages/apiserver/resources/resources.ts';
import { labelSelector } from '../../packages/apiserver/reads/selectors.ts';
import type { State } from '../../packages/apiserver/state/state.ts';

/** Commands that only read, or that are for elsewhere. */
const harmless = /^(dig|tailscale|helm|openssl|curl) |^kubectl (get(?!.*\|)|describe|logs|rollout status) /;

export function applyCommand(state: State, command: string): void {
  if (harmless.test(command)) return;
  const piped = /^echo '(.*)' \| kubectl apply -f -$/.exec(command);
  if (piped?.[1] !== undefined) return applyObjects(state, parseObjects(piped[1], command));
  const edited =
    /^kubectl get (\S+) -n (\S+) (\S+) -o yaml \| sed 's\/([^/]+)\/([^/]+)\/' \| kubectl replace -f -$/.exec(command);
  if (edited !== null) {
    const [, kind = '', namespace = '', name = '', from = '', to = ''] = edited;
    const flags = new Map([['n', namespace]]);
    for (const object of named(state, [kind, name], flags)) {
      state.replace(JSON.parse(JSON.stringify(object).replaceAll(from, to)) as StoredObject);
    }
    return;
  }
  const { words, flags } = parse(command);
  const [program, verb, ...rest] = words;
  if (program !== 'kubectl') throw new Error(`Nobody knows how to run: ${command}`);
  switch (verb) {
    case 'apply':
      return applyObjects(state, parseObjects(readFileSync(flags.get('f') ?? '', 'utf8'), command));
    case 'patch':
      return named(state, rest, flags).forEach((object) => state.replace(patched(object, flags)));
    case 'annotate': {
      const annotations = rest
        .slice(2)
        .map((word): [string, string | null] =>
          word.endsWith('-')
            ? [word.slice(0, -1), null]
            : [word.split('=')[0] ?? '', word.split('=').slice(1).join('=')],
        );
      const change = { metadata: { annotations: Object.fromEntries(annotations) } };
      return named(state, rest.slice(0, 2), flags).forEach((object) => merge(state, object, change));
    }
    case 'delete':
      return named(state, rest, flags).forEach((object) => void state.remove(object));
    case 'scale': {
      const change = { spec: { replicas: Number(flags.get('replicas')) } };
      return named(state, rest, flags).forEach((object) => merge(state, object, change));
    }
    case 'rollout': {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': state.now().toISOString() };
      const change = { spec: { template: { metadata: { annotations } } } };
      return named(state, rest.slice(1), flags).forEach((object) => merge(state, object, change));
    }
    case 'create': {
      const [cronJob] = named(state, [flags.get('from') ?? ''], flags);
      const [, name = ''] = rest;
      const metadata = { namespace: flags.get('n') ?? '', name };
      const spec = (cronJob?.['spec'] as { jobTemplate: { spec: object } }).jobTemplate.spec;
      state.create({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
      return;
    }
    default:
      throw new Error(`Nobody knows how to run: ${command}`);
  }
}

function parse(command: string): { words: readonly string[]; flags: ReadonlyMap<string, string> } {
  const all = [...command.matchAll(/'([^']*)'|(\S+?)(?=\s|'|$)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let index = 0; index < all.length; index += 1) {
    const word = all[index] ?? '';
    const long = /^--([a-z-]+)(?:=(.*))?$/.exec(word);
    if (long !== null) flags.set(long[1] ?? '', long[2] ?? 'true');
    else if (/^-[a-z]$/.test(word)) {
      flags.set(word.slice(1), all[index + 1] ?? '');
      index += 1;
    } else words.push(word);
  }
  return { words, flags };
}

const isCalled = ({ kind, plural }: Resource, word: string): boolean =>
  plural === word || kind.toLowerCase() === word.toLowerCase();

function named(
  state: State,
  [first = '', second]: readonly string[],
  flags: ReadonlyMap<string, string>,
): StoredObject[] {
  const [word = '', name = second] = first.split('/');
  const resource = state.resources.find((one) => isCalled(one, word));
  if (resource === undefined) throw new Error(`There is no kind ${word}.`);
  const place = resource.namespaced ? (flags.get('n') ?? 'default') : undefined;
  const selector = flags.get('l');
  if (selector !== undefined) return state.list(resource, place).filter(labelSelector(selector));
  const found = state.get(resource, place, name ?? '');
  if (found === undefined && word === 'configmap') return [];
  if (found === undefined) throw new Error(`There is no ${word} ${place ?? ''}/${name ?? ''}.`);
  return [found];
}

const merge = (state: State, object: StoredObject, change: object): void => {
  state.replace(mergePatch(object, change) as StoredObject);
};

function applyObjects(state: State, objects: readonly KubernetesObject[]): void {
  for (const object of objects) {
    const resource = state.resources.find(
      ({ kind, group }) => kind === object.kind && object.apiVersion.startsWith(group),
    );
    const old = resource && state.get(resource, object.metadata.namespace, object.metadata.name);
    if (old === undefined) state.create(object);
    else merge(state, old, object);
  }
}

function patched(object: StoredObject, flags: ReadonlyMap<string, string>): StoredObject {
  const patch: unknown = JSON.parse(flags.get('p') ?? '');
  if (flags.get('type') === 'merge') return mergePatch(object, patch) as StoredObject;
  const copy = structuredClone(object);
  for (const operation of list({ patch }, 'patch')) operate(copy, operation);
  return copy;
}

/** One operation of a JSON patch [RFC 6902]. */
function operate(target: unknown, operation: unknown): void {
  const path = text(operation, 'path')
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = path.pop() ?? '';
  const parent = path.reduce<unknown>((one, part) => (one as Record<string, unknown>)[part], target);
  const { value } = operation as { value?: unknown };
  if (Array.isArray(parent) && last === '-') parent.push(value);
  else if (text(operation, 'op') === 'remove') Reflect.deleteProperty(parent as object, last);
  else (parent as Record<string, unknown>)[last] = value;
}
