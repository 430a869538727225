/** Envoy Gateway's policies: which of several counts for what, and whether each can be used [internal/gatewayapi, Process…Policies]. */
import { list, text } from '../formats/fields.ts';
import type { Ancestor, TlsPolicies } from './backend-tls.ts';
import type { JudgedGateway } from './gateway.ts';
import type { JudgedSet } from './listener-sets.ts';
import { contentProblem, deprecations } from './policy-contents.ts';
import { judgePatch } from './patch-policies.ts';
import { ancestor, byAge, targetsOf, type PolicyTarget } from './policy-targets.ts';
import type { JudgedParent, JudgedRoute } from './routes.ts';
import { say, sentence, type Verdict } from './verdicts.ts';
import { namespaceOf, placeOf, type Resource, type World } from './world.ts';

interface Around {
  world: World;
  gateways: readonly JudgedGateway[];
  sets: readonly JudgedSet[];
  routes: readonly JudgedRoute[];
  tlsPolicies: TlsPolicies;
}

export type SaidOfPolicies = Map<Resource, Ancestor[]>;

/** How policies of a kind are called where several meet; a ClientTrafficPolicy is about no routes. */
const called: Readonly<Record<string, string>> = {
  SecurityPolicy: 'securityPolicies',
  BackendTrafficPolicy: 'backendTrafficPolicies',
  EnvoyExtensionPolicy: 'envoyExtensionPolicies',
  ClientTrafficPolicy: 'clientTrafficPolicies',
};

export function judgePolicies(around: Around): SaidOfPolicies {
  const said: SaidOfPolicies = new Map();
  for (const kind of Object.keys(called)) new Kind(kind, around, said).judge();
  for (const policy of byAge(around.world.list('EnvoyPatchPolicy'))) judgePatch(policy, around, said);
  return said;
}

/** From the narrowest to the widest: rules, routes, listeners of sets, sets, listeners, Gateways. */
const order = ({ kind, section }: PolicyTarget): number => {
  const level = kind === 'Gateway' ? 4 : kind === 'ListenerSet' ? 2 : 0;
  return section === '' ? level + 1 : level;
};

const keyOf = ({ kind, namespace, name, section }: PolicyTarget): string => `${kind} ${namespace}/${name} ${section}`;

class Kind {
  readonly kind: string;
  readonly around: Around;
  readonly said: SaidOfPolicies;
  readonly taken = new Map<string, Resource>();
  /** Which narrower targets have a policy of their own, by the wider one. */
  readonly overriding = new Map<string, Set<string>>();
  readonly merged = new Map<string, Set<string>>();

  constructor(kind: string, around: Around, said: SaidOfPolicies) {
    this.kind = kind;
    this.around = around;
    this.said = said;
  }

  judge(): void {
    const all = byAge(this.around.world.list(this.kind)).flatMap((policy) =>
      targetsOf(this.around.world, policy).map((target) => ({ policy, target })),
    );
    for (const { policy, target } of all.toSorted((one, other) => order(one.target) - order(other.target))) {
      if (target.kind === 'Gateway') this.onGateway(policy, target, all);
      else if (target.kind === 'ListenerSet') this.onSet(policy, target, all);
      else if (this.kind !== 'ClientTrafficPolicy') this.onRoute(policy, target, all);
    }
  }

  tell(policy: Resource, reference: unknown, verdict: Verdict): void {
    const ancestors = this.said.get(policy) ?? [];
    this.said.set(policy, ancestors);
    const key = JSON.stringify(reference);
    const known = ancestors.find((one) => JSON.stringify(one.reference) === key);
    const ancestor: Ancestor = known ?? { reference, verdicts: new Map() };
    if (known === undefined) ancestors.push(ancestor);
    if (verdict.type !== 'Accepted' || !ancestor.verdicts.has('Accepted')) say(ancestor.verdicts, verdict);
  }

  /** Whether the target has such a part, and no other policy. */
  claim(policy: Resource, target: PolicyTarget, parts: readonly string[]): Verdict | undefined {
    const { kind, namespace, name, section } = target;
    const at = ['spec'];
    const refuse = (reason: string, message: string): Verdict => ({
      type: 'Accepted',
      status: 'False',
      reason,
      message,
      at,
    });
    if (section !== '' && !parts.includes(section)) {
      return refuse('TargetNotFound', `No section name ${section} found for ${kind} ${namespace}/${name}`);
    }
    const other = this.taken.get(keyOf(target));
    if (other !== undefined && other !== policy) {
      const isListener = kind === 'Gateway' || kind === 'ListenerSet';
      const what = section === '' ? `${kind} ${name}` : `${isListener ? 'Listener' : 'RouteRule'} ${name}/${section}`;
      return refuse('Conflicted', `Unable to target ${what}, another ${this.kind} has already attached to it`);
    }
    this.taken.set(keyOf(target), policy);
    return undefined;
  }

  /** Says of a policy what it comes to, to each of whom it concerns. */
  conclude(policy: Resource, references: readonly unknown[], refused: Verdict | undefined): void {
    for (const reference of references) {
      if (refused !== undefined) {
        this.tell(policy, reference, refused);
        continue;
      }
      const why = contentProblem(this.around.world, policy, this.around.tlsPolicies);
      const accepted: Verdict = {
        type: 'Accepted',
        status: 'True',
        reason: 'Accepted',
        message: 'Policy has been accepted.',
      };
      this.tell(
        policy,
        reference,
        why === undefined
          ? accepted
          : { type: 'Accepted', status: 'False', reason: 'Invalid', message: sentence(why), at: ['spec'] },
      );
      const old = deprecations(policy);
      if (old !== '')
        this.tell(policy, reference, { type: 'Warning', status: 'True', reason: 'DeprecatedField', message: old });
    }
  }

  override(wider: string, narrower: string): void {
    this.overriding.set(wider, (this.overriding.get(wider) ?? new Set()).add(narrower));
  }

  /** Says of a wider policy whom it does not reach, and who takes it along. */
  sayWhom(policy: Resource, reference: unknown, scopes: readonly string[]): void {
    const merged = new Set(this.merged.get(scopes[0] ?? '') ?? []);
    const over = [...new Set(scopes.flatMap((scope) => [...(this.overriding.get(scope) ?? [])]))].filter(
      (one) => !merged.has(one),
    );
    const who = (type: string, verb: string, some: readonly string[]): void => {
      if (some.length === 0) return;
      const message = `This policy is being ${verb} by other ${called[this.kind] ?? ''} for these: [${some.toSorted().join(' ')}]`;
      this.tell(policy, reference, { type, status: 'True', reason: type, message });
    };
    who('Merged', 'merged', [...merged]);
    who('Overridden', 'overridden', over);
  }

  onGateway(policy: Resource, target: PolicyTarget, all: readonly Attached[]): void {
    const place = `${target.namespace}/${target.name}`;
    const found = this.around.gateways.find((one) => one.isTaken && placeOf(one.gateway) === place);
    if (found === undefined) return;
    const own = found.listeners.filter(({ set }) => set === undefined).map(({ name }) => name);
    const reference = ancestor('Gateway', target.namespace, target.name, target.section);
    const refused = this.claim(policy, target, own);
    this.conclude(policy, [reference], refused);
    if (refused !== undefined) return;
    const gateway = `Gateway ${place}`;
    if (target.section !== '') this.override(gateway, `${place}/${target.section}`);
    const sets = this.around.sets
      .filter(({ parent }) => parent === found)
      .map(({ set }) => `ListenerSet ${placeOf(set)}`);
    const within = [
      gateway,
      ...[...this.overriding.keys()].filter((key) => [gateway, ...sets].some((one) => key.startsWith(`${one}/`))),
      ...sets,
    ];
    const routes = target.section === '' ? within : [`${gateway}/${target.section}`, gateway];
    this.sayWhom(
      policy,
      reference,
      this.kind === 'ClientTrafficPolicy' && target.section !== '' ? [] : this.routesOnly(routes, target, all),
    );
  }

  /** A listener's policy is overridden by routes of the whole Gateway too, and by no other listener's. */
  routesOnly(scopes: readonly string[], { section }: PolicyTarget, all: readonly Attached[]): readonly string[] {
    if (section === '') return scopes;
    const [own = '', gateway = ''] = scopes;
    const routes = all
      .filter(({ target }) => target.kind.endsWith('Route'))
      .map(({ target }) => `${target.namespace}/${target.name}`);
    const inherited = [...(this.overriding.get(gateway) ?? [])].filter((one) => routes.includes(one));
    for (const one of inherited) this.override(own, one);
    return [own];
  }

  onSet(policy: Resource, target: PolicyTarget, all: readonly Attached[]): void {
    const place = `${target.namespace}/${target.name}`;
    const found = this.around.sets.find(({ set }) => placeOf(set) === place);
    if (found === undefined) return;
    const reference = ancestor('ListenerSet', target.namespace, target.name, target.section);
    const parts = list(found.set, 'spec', 'listeners').map((one) => text(one, 'name'));
    const refused = this.claim(policy, target, parts);
    this.conclude(policy, [reference], refused);
    if (refused !== undefined) return;
    const set = `ListenerSet ${place}`;
    this.override(
      target.section === '' ? `Gateway ${placeOf(found.parent.gateway)}` : set,
      target.section === '' ? place : `${place}/${target.section}`,
    );
    const scopes =
      target.section === ''
        ? [set, ...[...this.overriding.keys()].filter((key) => key.startsWith(`${set}/`))]
        : [`${set}/${target.section}`, set];
    this.sayWhom(policy, reference, this.routesOnly(scopes, target, all));
  }

  onRoute(policy: Resource, target: PolicyTarget, all: readonly Attached[]): void {
    const place = `${target.namespace}/${target.name}`;
    const found = this.around.routes.find(({ route }) => route.kind === target.kind && placeOf(route) === place);
    if (found === undefined) return;
    const { route, parents } = found;
    const rules = list(route, 'spec', 'rules').map((rule) => text(rule, 'name'));
    const references = parents.map((parent) => parentAncestor(route, parent));
    for (const parent of parents) this.override(scopeOf(route, parent), place);
    const refused = this.claim(policy, target, rules);
    if (refused === undefined && text(policy, 'spec', 'mergeType') !== '') this.merge(policy, found, all);
    this.conclude(policy, references, refused);
    const own = all.filter(
      (one) => one.target.section !== '' && keyOf({ ...one.target, section: '' }) === keyOf({ ...target, section: '' }),
    );
    if (refused !== undefined || target.section !== '' || own.length === 0) return;
    const message = `This policy is being overridden by other ${called[this.kind] ?? ''} for these route rules: [${own.map((one) => one.target.section).join(' ')}]`;
    for (const reference of references)
      this.tell(policy, reference, { type: 'Overridden', status: 'True', reason: 'Overridden', message });
  }

  /** Takes the policy of the nearest wider target along, at each listener. */
  merge(policy: Resource, { route, parents }: JudgedRoute, all: readonly Attached[]): void {
    const place = placeOf(route);
    for (const { listeners } of parents) {
      for (const { set, gateway, name } of listeners) {
        const holder = set ?? gateway;
        const own = `${holder.kind} ${placeOf(holder)}`;
        const wider = [`${own} ${name}`, `${own} `, ...(set === undefined ? [] : [`Gateway ${placeOf(gateway)} `])];
        const met = wider.map((key) => all.find((one) => keyOf(one.target) === key)).find((one) => one !== undefined);
        if (met === undefined) continue;
        const scope = `${met.target.kind} ${met.target.namespace}/${met.target.name}${met.target.section === '' ? '' : `/${met.target.section}`}`;
        this.merged.set(scope, (this.merged.get(scope) ?? new Set()).add(place));
        const reference = ancestor(holder.kind, namespaceOf(holder), holder.metadata.name, name);
        const message = `Merged with policy ${placeOf(met.policy)}`;
        this.tell(policy, reference, { type: 'Merged', status: 'True', reason: 'Merged', message });
      }
    }
  }
}

interface Attached {
  policy: Resource;
  target: PolicyTarget;
}

const parentAncestor = (route: Resource, { reference }: JudgedParent): unknown =>
  ancestor(
    text(reference, 'kind') || 'Gateway',
    text(reference, 'namespace') || namespaceOf(route),
    text(reference, 'name'),
    text(reference, 'sectionName'),
  );

function scopeOf(route: Resource, { reference }: JudgedParent): string {
  const place = `${text(reference, 'kind') || 'Gateway'} ${text(reference, 'namespace') || namespaceOf(route)}/${text(reference, 'name')}`;
  const section = text(reference, 'sectionName');
  return section === '' ? place : `${place}/${section}`;
}
