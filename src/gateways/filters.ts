/** The filters of a rule: what of them the controller refuses, and what follows for the requests that the rule takes. */
import { at, isFields, text } from '../formats/fields.ts';
import { backendProblem, emptiness, type Referrer } from './backends.ts';
import { extensionOf, isOwnFilter } from './extension-filters.ts';
import { headerRefusal, type Changed } from './header-filters.ts';
import { redirectRefusal, rewriteRefusal, twice, type Rewritten } from './rewrites.ts';
import type { Path, Problem } from './verdicts.ts';
import { namespaceOf, untold, type World } from './world.ts';

/** What the filters of a rule come to. */
export interface Filtered {
  problems: readonly Problem[];
  /** What the rule itself answers: the status of a response, or a redirect. */
  answers: number | 'redirect' | undefined;
  /** Matches that a filter adds to those of the rule. */
  matches: readonly unknown[];
  isHostFromPath: boolean;
}

const known: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: [
    'RequestMirror',
    'URLRewrite',
    'RequestRedirect',
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'CORS',
  ],
  GRPCRoute: ['RequestMirror', 'RequestHeaderModifier', 'ResponseHeaderModifier'],
};

/** Why a filter is none that a route of a kind may have. */
function typeRefusal(kind: string, filter: unknown): string | undefined {
  const type = text(filter, 'type');
  if (known[kind]?.includes(type) === true) return undefined;
  if (type !== 'ExtensionRef') return `unsupported filter type ${type}`;
  const reference = at(filter, 'extensionRef');
  if (!isFields(reference)) return 'extensionRef field must be specified for an extended filter';
  return isOwnFilter(reference) ? undefined : `unknown kind ${text(reference, 'group')}/${text(reference, 'kind')}`;
}

const grpcAnswer =
  'DirectResponse with a 2xx status code is not supported for GRPCRoute: a 2xx status maps to the gRPC OK status, but a direct response cannot carry a gRPC response message, so the client would receive an invalid response. Use a non-2xx status code to deny or block the request instead';

/** Looks at filters one after the other; once one of them answers, no further one is looked at. */
class Filters {
  readonly problems: Problem[] = [];
  readonly rewritten: Rewritten = { host: undefined, path: undefined, isHostFromPath: false };
  readonly request: Changed = { written: new Set(), removed: new Set() };
  readonly response: Changed = { written: new Set(), removed: new Set() };
  readonly world: World;
  readonly by: Referrer;
  answers: number | undefined;
  isRedirecting = false;
  isMirroring = false;
  matches: readonly unknown[] = [];

  constructor(world: World, by: Referrer) {
    this.world = world;
    this.by = by;
  }

  refuse(message: string | undefined, path: Path, type = 'Accepted', reason = 'UnsupportedValue'): void {
    if (message !== undefined) this.problems.push({ type, reason, message, at: path });
  }

  take(filter: unknown, path: Path): void {
    const type = text(filter, 'type');
    const wrong = typeRefusal(this.by.kind, filter);
    if (wrong !== undefined) {
      this.answers = 500;
      this.refuse(`invalid filter ${type}: ${wrong}`, path);
      return;
    }
    switch (type) {
      case 'URLRewrite':
        return this.refuse(rewriteRefusal(at(filter, 'urlRewrite'), this.rewritten), [...path, 'urlRewrite']);
      case 'RequestRedirect':
        return this.redirect(at(filter, 'requestRedirect'), [...path, 'requestRedirect']);
      case 'RequestHeaderModifier':
        return this.refuse(headerRefusal(type, at(filter, 'requestHeaderModifier'), this.request), path);
      case 'ResponseHeaderModifier':
        return this.refuse(headerRefusal(type, at(filter, 'responseHeaderModifier'), this.response), path);
      case 'RequestMirror':
        return this.mirror(at(filter, 'requestMirror'), [...path, 'requestMirror', 'backendRef']);
      case 'ExtensionRef':
        return this.extend(at(filter, 'extensionRef'), [...path, 'extensionRef']);
      default:
        return undefined;
    }
  }

  redirect(redirect: unknown, path: Path): void {
    const why = this.isRedirecting ? twice('requestRedirect') : redirectRefusal(redirect);
    this.refuse(why, path);
    if (why === undefined) this.isRedirecting = true;
  }

  mirror(mirror: unknown, path: Path): void {
    if (!isFields(mirror)) return;
    const reference = at(mirror, 'backendRef');
    const wrong = backendProblem(this.world, this.by, reference) ?? emptiness(this.world, this.by, reference);
    if (wrong === undefined) this.isMirroring = true;
    else {
      this.refuse(`failed to validate the RequestMirror filter: ${wrong.message}`, path, wrong.type, wrong.reason);
    }
  }

  extend(reference: unknown, path: Path): void {
    const [namespace, name] = [namespaceOf(this.by.object), text(reference, 'name')];
    const found = this.world.find('HTTPRouteFilter', namespace, name);
    if (found === untold) return;
    if (found === undefined) {
      this.answers = 500;
      this.refuse(`Unable to translate HTTPRouteFilter: ${namespace}/${name}`, path, 'ResolvedRefs');
      return;
    }
    const { answers, matches, refusal } = extensionOf(this.world, found, this.rewritten, this.matches.length > 0);
    this.refuse(refusal?.message, path);
    if (refusal?.isFatal === true) this.answers = 500;
    if (answers !== undefined) this.answers = answers;
    if (matches.length > 0) this.matches = matches;
  }

  /** What cannot stand beside one another. */
  compare(path: Path): void {
    const mirrored = 'RequestMirror filter cannot be used when the rule also configures a';
    const contrary = (what: string): void =>
      this.refuse(`${mirrored} ${what} filter`, path, 'Accepted', 'IncompatibleFilters');
    if (this.isMirroring && this.answers !== undefined) contrary('DirectResponse');
    else if (this.isMirroring && this.isRedirecting) contrary('RequestRedirect');
    const isOk = this.answers !== undefined && this.answers >= 200 && this.answers < 300;
    if (this.by.kind === 'GRPCRoute' && isOk) this.refuse(grpcAnswer, path);
  }
}

/** @param path Where the filters stand. */
export function judgeFilters(world: World, by: Referrer, filters: readonly unknown[], path: Path): Filtered {
  const looking = new Filters(world, by);
  for (const [index, filter] of filters.entries()) {
    if (looking.answers !== undefined) break;
    looking.take(filter, [...path, index]);
  }
  looking.compare(path);
  const isFatal = looking.problems.some(({ type }) => type !== 'BackendsAvailable');
  return {
    problems: looking.problems,
    answers: isFatal ? 500 : (looking.answers ?? (looking.isRedirecting ? 'redirect' : undefined)),
    matches: looking.matches,
    isHostFromPath: looking.rewritten.isHostFromPath,
  };
}

const perBackend: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: ['RequestHeaderModifier', 'ResponseHeaderModifier', 'ExtensionRef', 'URLRewrite'],
  GRPCRoute: ['RequestHeaderModifier', 'ResponseHeaderModifier'],
};

/** Why filters of a single backend are not taken. */
export function backendFilterRefusal(kind: string, filters: readonly unknown[]): string | undefined {
  const possible = perBackend[kind];
  if (possible === undefined) return undefined;
  for (const filter of filters) {
    const isKnown = typeRefusal(kind, filter) === undefined;
    if (isKnown && text(filter, 'type') === 'URLRewrite' && isFields(at(filter, 'urlRewrite', 'path'))) {
      return 'URLRewrite path modifier is not supported within BackendRef';
    }
  }
  const isTaken = filters.every(
    (filter) => possible.includes(text(filter, 'type')) && typeRefusal(kind, filter) === undefined,
  );
  if (isTaken) return undefined;
  const named =
    kind === 'GRPCRoute'
      ? 'RequestHeaderModifier and ResponseHeaderModifier'
      : 'RequestHeaderModifier, ResponseHeaderModifier, URLRewrite and gateway.envoyproxy.io/HTTPRouteFilter';
  return `Specific filter is not supported within BackendRef, only ${named} are supported`;
}
