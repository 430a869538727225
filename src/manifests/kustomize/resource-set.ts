/** The objects of a build, found by what they are called or were called before. */
import { Refused } from './refused.ts';
import { calledBy, earlierIds, idOf, keyOf, nameOf, type Id, type Resource } from './resource.ts';

type Index = Map<string, Set<Resource>>;

export class ResourceSet {
  /** Whether more belongs to it that is not here, such as the objects of a chart. */
  isOpen = false;
  readonly #resources = new Set<Resource>();
  #current: Index | undefined;
  #any: Index | undefined;
  #named: ReadonlyMap<string, ReadonlySet<Resource>> | undefined;

  get all(): readonly Resource[] {
    return [...this.#resources];
  }

  /** Throws where an object is there that is called the same. */
  add(resource: Resource): void {
    const id = idOf(resource);
    const before = [...(this.#byCurrentId().get(keyOf(id)) ?? [])][0];
    if (before !== undefined) {
      throw new Refused(
        `adds ${calledBy(id)} of ${resource.file}, which is there already${before.file === resource.file ? '' : `, from ${before.file}`}`,
      );
    }
    this.#resources.add(resource);
    this.#named = undefined;
    if (this.#current !== undefined) put(this.#current, id, resource);
    if (this.#any !== undefined) for (const one of [...earlierIds(resource), id]) put(this.#any, one, resource);
  }

  remove(resource: Resource): void {
    this.#resources.delete(resource);
    for (const index of [this.#current, this.#any]) {
      for (const id of [...earlierIds(resource), idOf(resource)]) index?.get(keyOf(id))?.delete(resource);
    }
  }

  /** To be told after objects got other names, kinds or namespaces. */
  renamed(): void {
    this.#current = undefined;
    this.#any = undefined;
    this.#named = undefined;
  }

  /** Those that are called so, or were once. */
  calledOnce(id: Id): readonly Resource[] {
    this.#any ??= this.#indexed((resource) => [...earlierIds(resource), idOf(resource)]);
    return [...(this.#any.get(keyOf(id)) ?? [])];
  }

  /** Those that have a name, or had it once, in whatever kind and namespace. */
  named(name: string): readonly Resource[] {
    this.#named ??= this.#byName();
    return [...(this.#named.get(name) ?? [])].filter((resource) => this.#resources.has(resource));
  }

  #byName(): ReadonlyMap<string, ReadonlySet<Resource>> {
    const names = new Map<string, Set<Resource>>();
    for (const resource of this.#resources) {
      for (const name of new Set([nameOf(resource), ...resource.earlier.map((id) => id.name)])) {
        const there = names.get(name);
        if (there === undefined) names.set(name, new Set([resource]));
        else there.add(resource);
      }
    }
    return names;
  }

  /** Names that more than one object has. */
  clashes(): readonly Id[] {
    return [...this.#byCurrentId().values()].flatMap((resources) => {
      const [first, second] = [...resources];
      return first === undefined || second === undefined ? [] : [idOf(first)];
    });
  }

  #byCurrentId(): Index {
    this.#current ??= this.#indexed((resource) => [idOf(resource)]);
    return this.#current;
  }

  #indexed(ids: (resource: Resource) => readonly Id[]): Index {
    const index: Index = new Map();
    for (const resource of this.#resources) for (const id of ids(resource)) put(index, id, resource);
    return index;
  }
}

function put(index: Index, id: Id, resource: Resource): void {
  const key = keyOf(id);
  const there = index.get(key);
  if (there === undefined) index.set(key, new Set([resource]));
  else there.add(resource);
}
