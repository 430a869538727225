/**
 * The few functions of the `reflect-metadata` polyfill that @peculiar/x509 asks for when it is imported. Import this first.
 */
type Metadata = Map<unknown, unknown>;

interface ReflectMetadata {
  defineMetadata(key: unknown, metadata: unknown, target: object): void;
  getOwnMetadata(key: unknown, target: object): unknown;
  getMetadata(key: unknown, target: object): unknown;
  metadata(key: unknown, metadata: unknown): (target: object) => void;
}

const stored = new WeakMap<object, Metadata>();

const polyfill: ReflectMetadata = {
  defineMetadata(key, metadata, target) {
    stored.set(target, (stored.get(target) ?? new Map<unknown, unknown>()).set(key, metadata));
  },
  getOwnMetadata: (key, target) => stored.get(target)?.get(key),
  getMetadata(key, target) {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      if (stored.get(at)?.has(key)) return stored.get(at)?.get(key);
    }
    return undefined;
  },
  metadata: (key, metadata) => (target) => polyfill.defineMetadata(key, metadata, target),
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, polyfill);
