/**
 * What a server says of the kinds that it serves: its CustomResourceDefinitions, and its OpenAPI v3, one document a group and version.
 *
 * No runbook asks for them. Whoever judges manifests by a cluster does.
 */
import { z } from 'zod';
import { problem, value, type Fact } from '../runbook/fact.ts';
import type { Kind } from '../runbook/kinds.ts';
import { notKubernetes, parseAs, unsuccessful } from './answer.ts';
import { readList } from './lists.ts';
import { openApiRequest } from './paths.ts';
import type { Server } from './server.ts';

const definition: Kind = {
  group: 'apiextensions.k8s.io',
  versions: ['v1'],
  plural: 'customresourcedefinitions',
  namespaced: false,
};

/** A definition may hold a megabyte: as many as fit in one answer with certainty. */
const pageSize = 10;

const ofGroup = z.looseObject({ spec: z.looseObject({ group: z.string() }) });

/** @param groups Whose definitions are kept; a cluster may have many hundreds. */
export async function readDefinitions(server: Server, groups: ReadonlySet<string>): Promise<Fact<readonly unknown[]>> {
  const keep = (item: unknown): boolean => groups.has(ofGroup.safeParse(item).data?.spec.group ?? '');
  const listing = { kind: 'CustomResourceDefinition', of: definition, pageSize, keep, remedy };
  const found = await readList(server, listing, 'v1');
  return found === 'unknown-kind'
    ? problem('kind-not-installed', 'it serves no apiextensions.k8s.io/v1 (404), which Kubernetes has had since 1.16')
    : found;
}

const remedy = 'Who may list customresourcedefinitions may read them';

const indexSchema = z.object({ paths: z.record(z.string(), z.unknown()) });

/** Every `apiVersion` that the server publishes a document about. */
export async function readApiVersions({ ask, proof }: Server): Promise<Fact<readonly string[]>> {
  const answer = await ask(openApiRequest());
  if (!answer.ok) return answer;
  if (answer.value.status === 404)
    return problem('kind-not-installed', 'it serves no OpenAPI v3 (404), which Kubernetes has had since 1.24');
  if (answer.value.status !== 200) return unsuccessful(answer.value, documentsRemedy);
  const index = parseAs(indexSchema, answer.value);
  if (index === undefined) return notKubernetes(answer.value);
  proof.give();
  return value(
    Object.keys(index.paths).flatMap((path) => {
      const [, core, grouped] = /^(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))$/.exec(path) ?? [];
      return core ?? grouped ?? [];
    }),
  );
}

const documentsRemedy =
  'The ClusterRole system:discovery lets users read them, and everybody who logs in has it as a rule';

const documentSchema = z.looseObject({ components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }) });

export async function readOpenApi({ ask }: Server, apiVersion: string): Promise<Fact> {
  const answer = await ask(openApiRequest(apiVersion));
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return unsuccessful(answer.value, documentsRemedy);
  const document = parseAs(documentSchema, answer.value);
  return document === undefined ? notKubernetes(answer.value) : value(document);
}
