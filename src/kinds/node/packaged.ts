/**
 * Kinds as the packages of models have them: fields and what they mean from their type declarations, values from their compiled
 * validators, and what neither carries from the facts that we wrote out.
 *
 * (The packages' JavaScript holds no schema as data: each module of `_schemas` is a function that ajv made of one.)
 */
import { noLongerServed } from '../facts/external-secrets.ts';
import { factsOf } from '../facts/index.ts';
import { withFacts } from '../facts/facts.ts';
import { groupOf, versionOf, type Kind, type Kinds, type NotServed } from '../kind.ts';
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
  return {
    group,
    version,
    kind,
    structure: facts === undefined ? schema : withFacts(schema, facts),
    release: { name: releaseOf(apiVersion), installed: false },
    judgeValues: (object) => judgeValues(object, apiVersion, kind),
  };
}
