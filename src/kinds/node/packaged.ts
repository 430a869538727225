/**
 * Kinds as the packages of models have them: fields and what they mean from their type declarations, values from their compiled
 * validators, and what neither carries from the facts that we wrote out.
 *
 * (The packages' JavaScript holds no schema as data: each module of `_schemas` is a function that ajv made of one.)
 */
import { isOfFormat } from '../formats.ts';
import { noLongerServed } from '../facts/external-secrets.ts';
import { factsOf } from '../facts/index.ts';
import { valuesAt, withFacts, type Facts } from '../facts/facts.ts';
import { groupOf, versionOf, type Kind, type Kinds, type NotServed } from '../kind.ts';
import { schemaAt, type KindSchema } from '../schema.ts';
import { stepsOf, type Violation } from '../violation.ts';
import { judgeValues } from './compiled-validators.ts';
import { schemaOf } from './declared-schema.ts';
import { releaseOf } from './packages.ts';

const known = new Map<string, Promise<Kind | NotServed | undefined>>();

/** Whoever asks here for a kind does not know what is installed. */
export const packagedKinds: Kinds = {
  find: (apiVersion, kind) => {
    const key = `${apiVersion} ${kind}`;
    const found = known.get(key) ?? kindOf(apiVersion, kind);
    known.set(key, found);
    return found;
  },
};

async function kindOf(apiVersion: string, kind: string): Promise<Kind | NotServed | undefined> {
  const [group, version] = [groupOf(apiVersion), versionOf(apiVersion)];
  const old = noLongerServed.find((entry) => entry.group === group && entry.version === version);
  const schema = await schemaOf(apiVersion, kind);
  if (schema === undefined) return undefined;
  if (old !== undefined) return { served: old.instead, release: { name: old.release, installed: false } };
  const facts = factsOf(group, version, kind);
  const structure = facts === undefined ? schema : withFacts(schema, facts);
  return {
    group,
    version,
    kind,
    structure,
    release: { name: releaseOf(apiVersion), installed: false },
    judgeValues: async (object) => {
      const found = await judgeValues(object, apiVersion, kind);
      return found.filter((violation) => isConfirmed(violation, structure, facts));
    },
  };
}

/** The validators know nothing of facts, and of Go's base64, which may stand on several lines. */
function isConfirmed({ path, kind, message, observed }: Violation, structure: KindSchema, facts?: Facts): boolean {
  const steps = stepsOf(path);
  switch (kind) {
    case 'missing': {
      const { required } = schemaAt(steps.slice(0, -1), structure) ?? {};
      return required?.includes(String(steps.at(-1))) ?? true;
    }
    case 'unsupported':
      return facts === undefined || !valuesAt(steps, facts).includes(String(observed));
    default:
      return !(
        message.includes(' must be of type byte: ') &&
        typeof observed === 'string' &&
        isOfFormat(observed, 'byte')
      );
  }
}
