/**
 * What the makers themselves say: definitions of named releases, and what a real API server 1.36 answered to objects. They are data
 * that this project does not carry; without them these tests are skipped by name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { evaluate } from '../../src/kinds/cel/evaluator.ts';
import { facts } from '../../src/kinds/facts/index.ts';
import type { Fact } from '../../src/kinds/facts/facts.ts';
import { firstOf, isServed, type Kinds } from '../../src/kinds/kind.ts';
import { kindsFromFiles } from '../../src/kinds/node/definition-files.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import type { JsonSchema } from '../../src/kinds/schema.ts';
import { judgeObject, type Judged } from '../../src/kinds/validate.ts';
import { startDemo, type Demo } from '../../src/demo/node/demo.ts';
import { ask, type Answer } from '../apiserver/support.ts';

/** Where the data are: beside the repository, or where this says. */
const shared = process.env['HANDBOOK_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const definitions = join(shared, 'kinds');
const invalid = join(shared, 'invalid-gateway-api');
const goldens = join(shared, 'envoy-gateway-goldens');

const filesIn = (folder: string, end: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(end))
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

interface Definition {
  metadata: { name: string };
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: JsonSchema } }[];
  };
}
const readDefinitions = (): readonly Definition[] =>
  filesIn(definitions, '.yaml').map((file) => parse(readFileSync(file, 'utf8')) as Definition);

interface Example {
  file: string;
  object: { apiVersion: string; kind: string; metadata: { name: string } };
  said: string;
}
const answers: readonly Example[] = !existsSync(invalid)
  ? []
  : readFileSync(join(invalid, 'answers.tsv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const [file = '', said = ''] = line.split('\t');
        const [first] = parseAllDocuments(readFileSync(join(invalid, file), 'utf8'));
        return { file, said, object: first?.toJS() as Example['object'] };
      });
const isTaken = ({ said }: Example): boolean => said.includes('created');

/** The problems that kubectl printed; the last may be cut off. */
const problemsIn = (said: string): readonly string[] =>
  (/is invalid:\s*(?:\* )?(.*)$/.exec(said)?.[1] ?? /strict decoding error: (.*)$/.exec(said)?.[1] ?? '')
    .split(' * ')
    .map((text) => text.trim());

const without = (what: string, is: boolean): string =>
  `${what}${is ? '' : ' (skipped: the makers’ data are not here)'}`;

describe.skipIf(answers.length === 0)(without('objects that a real API server refuses', answers.length > 0), () => {
  let given: Kinds;
  beforeAll(async () => {
    given = firstOf(await kindsFromFiles(definitions), packagedKinds);
  });

  it('are as many as it says', () => {
    expect(answers).toHaveLength(36);
    expect(answers.filter(isTaken)).toHaveLength(1);
  });

  it.each(answers)('with the packages only: $file', async (answer) => {
    const judged = await judgeObject(answer.object, packagedKinds);
    const wrong = judged?.violations.filter(({ kind }) => kind !== 'unknown-field') ?? [];
    expect(wrong.length > 0, JSON.stringify(wrong)).toBe(!isTaken(answer));
    expect(judged?.unjudged).toEqual([]);
  });

  it.each(answers)('in its words, with its definitions: $file', async (answer) => {
    const judged = await judgeObject(answer.object, given);
    const messages = judged?.violations.map(({ message }) => message) ?? [];
    if (isTaken(answer)) {
      expect(messages).toEqual([]);
      return;
    }
    for (const problem of problemsIn(answer.said)) {
      expect(
        messages.some((message) => message.startsWith(problem)),
        `${problem} in ${messages.join('\n')}`,
      ).toBe(true);
    }
    // Answers are kept as far as they are short; of the others not everything is known.
    if (answer.said.length < 500)
      expect(messages.length).toBeLessThanOrEqual(Math.max(problemsIn(answer.said).length, 4));
  });

  describe('are refused by the demo cluster’s API server', () => {
    let demo: Demo;
    beforeAll(async () => {
      demo = await startDemo();
      return () => demo.close();
    });

    it.each(answers)('$file', async (answer) => {
      const { status, text } = await create(demo, answer.object);
      expect(status, text).toBe(isTaken(answer) ? 201 : 422);
    });
  });

  describe('are refused in its words by the demo cluster’s API server, once it has the definitions', () => {
    let demo: Demo;
    beforeAll(async () => {
      demo = await startDemo();
      for (const definition of readDefinitions().filter(({ spec }) => spec.group === 'gateway.networking.k8s.io')) {
        const path = `${crds}/${definition.metadata.name}`;
        const type = 'application/apply-patch+yaml';
        const { status, text } = await ask(demo, `${path}?fieldManager=me&force=true`, {
          method: 'PATCH',
          type,
          body: definition,
        });
        if (status > 201) throw new Error(text);
      }
      return () => demo.close();
    });

    it.each(answers)('$file', async (answer) => {
      const { status, json } = await create(demo, answer.object);
      const { message = '' } = json as { message?: string };
      expect(status, message).toBe(isTaken(answer) ? 201 : answer.said.includes('BadRequest') ? 400 : 422);
      for (const problem of isTaken(answer) ? [] : problemsIn(answer.said)) expect(message).toContain(problem);
    });
  });
});

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** As kubectl creates it: strictly, and without keeping it. */
function create(demo: Demo, object: Example['object']): Promise<Answer> {
  const plural = object.kind === 'GatewayClass' ? 'gatewayclasses' : `${object.kind.toLowerCase()}s`;
  const place = object.kind === 'GatewayClass' ? '' : 'namespaces/default/';
  const path = `/apis/${object.apiVersion}/${place}${plural}?fieldValidation=Strict&dryRun=All`;
  return ask(demo, path, { method: 'POST', body: object });
}

describe.skipIf(answers.length === 0)(without('objects that a real API server takes', answers.length > 0), () => {
  const rules = (): readonly { place: string; rule: string }[] => {
    const found: { place: string; rule: string }[] = [];
    const walk = (schema: JsonSchema | undefined, place: string): void => {
      if (schema === undefined) return;
      for (const { rule } of schema['x-kubernetes-validations'] ?? []) found.push({ place, rule });
      Object.entries(schema.properties ?? {}).forEach(([name, field]) => {
        walk(field, `${place}.${name}`);
      });
      walk(schema.items, `${place}[]`);
      if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${place}{}`);
    };
    for (const { spec } of readDefinitions()) {
      for (const { name, schema } of spec.versions) walk(schema.openAPIV3Schema, `${spec.names.kind} ${name}`);
    }
    return found;
  };

  it('every rule of their definitions can be read', () => {
    const all = rules();
    const unread = all.flatMap(({ place, rule }) => {
      const outcome = evaluate(rule, { self: new Map(), oldSelf: new Map() });
      return outcome.is === 'unjudged' && outcome.why.includes('cannot be read') ? [`${place}: ${outcome.why}`] : [];
    });
    expect(all.length).toBeGreaterThan(880);
    expect(unread).toEqual([]);
  });

  /** Envoy Gateway's own inputs, without the few that its tests write as no API server would take them. */
  it('Envoy Gateway’s own inputs are refused for what is wrong with them only', async () => {
    const given = firstOf(await kindsFromFiles(definitions), packagedKinds);
    const judged = async (object: object, kinds: Kinds): Promise<Judged | undefined> => judgeObject(object, kinds);
    const apart: string[] = [];
    let count = 0;
    for (const file of filesIn(goldens, '.in.yaml')) {
      const inputs = Object.values(parse(readFileSync(file, 'utf8')) as Record<string, unknown>).flat();
      for (const object of inputs.filter(
        (item): item is object => typeof item === 'object' && item !== null && 'kind' in item,
      )) {
        count += 1;
        const [own, theirs] = [await judged(object, packagedKinds), await judged(object, given)];
        if (theirs === undefined || own === undefined) continue;
        const certain = own.violations.filter(({ kind }) => kind !== 'unknown-field');
        if (certain.length > 0 && theirs.violations.length === 0) apart.push(`${file}: ${certain[0]?.message ?? ''}`);
      }
    }
    expect(count).toBeGreaterThan(300);
    expect(apart).toEqual([]);
  });
});

const kindsOfFacts = facts.filter(({ group }) => readDefinitionOf(group) !== undefined);
function readDefinitionOf(group: string): string | undefined {
  return filesIn(definitions, '.yaml').find((file) => file.includes(group));
}

describe.skipIf(kindsOfFacts.length === 0)(without('what we wrote out', kindsOfFacts.length > 0), () => {
  /** Of the experimental channel, of another release than the definition's, or ours alone: words for what its formats say. */
  const apartFrom = [
    /externalAuth|ExternalAuth/,
    /value must be of type ipv4 or ipv6/,
    /nobody says Value is immutable|nothing says field is immutable/,
    /^spec\.(?:data\[\]\.remoteRef|dataFrom\[\]\.extract|secretStoreRef)\.\w+: default/,
  ];
  /** Of other kinds the rules that people trip over are written out, and not all of them. */
  const isWhole = (group: string): boolean => group === 'gateway.networking.k8s.io';

  it.each(kindsOfFacts)('$kind is as its definition says', async ({ group, kind, versions, at }) => {
    const given = await kindsFromFiles(definitions);
    const found = await given.find(`${group}/${versions[0] ?? ''}`, kind);
    if (found === undefined || !isServed(found)) throw new Error(`There is no definition of ${kind}.`);
    const apart = Object.entries(at).flatMap(([place, fact]) =>
      differences(place, fact, schemaOf(place, found.structure), isWhole(group)),
    );
    expect(apart.filter((text) => !apartFrom.some((known) => known.test(text)))).toEqual([]);
  });

  function schemaOf(place: string, root: JsonSchema): JsonSchema | undefined {
    const steps = place.replaceAll('[]', '.[]').replaceAll('{}', '.{}').split('.').filter(Boolean);
    return steps.reduce<JsonSchema | undefined>((schema, step) => {
      const values = schema?.additionalProperties;
      if (step === '{}') return typeof values === 'object' ? values : undefined;
      return step === '[]' ? schema?.items : schema?.properties?.[step];
    }, root);
  }

  function differences(
    place: string,
    { defaults = {}, keys, rules = [], optional = [] }: Fact,
    schema: JsonSchema | undefined,
    whole: boolean,
  ): readonly string[] {
    if (schema === undefined) return [`${place} is not there`];
    const messages = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message);
    return [
      ...rules.flatMap(({ message }) => (messages.includes(message) ? [] : [`${place}: nobody says ${message ?? ''}`])),
      ...messages.flatMap((message) =>
        !whole || rules.some((rule) => rule.message === message) ? [] : [`${place}: nothing says ${message ?? ''}`],
      ),
      ...Object.entries(defaults).flatMap(([name, value]) =>
        JSON.stringify(schema.properties?.[name]?.default) === JSON.stringify(value)
          ? []
          : [`${place}.${name}: default ${JSON.stringify(value)}`],
      ),
      ...(keys === undefined || JSON.stringify(schema['x-kubernetes-list-map-keys'] ?? []) === JSON.stringify(keys)
        ? []
        : [`${place}: keys ${keys.join(', ')}`]),
      ...optional.flatMap((name) => (schema.required?.includes(name) === true ? [`${place}.${name} is required`] : [])),
    ];
  }
});
