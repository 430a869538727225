/**
 * What each type of read asks the API server, and what it makes of the answers.
 */
import { z } from 'zod';
import { problem, value, type Fact } from '../runbook/fact.ts';
import { crdName, kinds, type KindName } from '../runbook/kinds.ts';
import type { ClusterRead, LogRead, ObjectRead } from '../runbook/read.ts';
import { shorten } from '../runbook/words.ts';
import { missing, notFound, notKubernetes, parseAs, said, unsuccessful } from './answer.ts';
import { readList } from './lists.ts';
import { json, logRequest, resourceRequest } from './paths.ts';
import { apiVersionOf, other, type Server, type UnknownKind } from './server.ts';

export async function answerRead(server: Server, read: ClusterRead): Promise<Fact> {
  switch (read.type) {
    case 'object':
      return inServedVersion(server, read.kind, (version) => readObject(server, read, version));
    case 'list':
      return inServedVersion(server, read.kind, (version) =>
        readList(server, { ...read, of: kinds[read.kind] }, version),
      );
    case 'log':
      return readLog(server, read);
  }
}

export async function readVersion({ ask, proof }: Server): Promise<Fact<string>> {
  const answer = await ask({ path: '/version', accept: json });
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return unsuccessful(answer.value);
  const version = parseAs(z.object({ gitVersion: z.string().regex(/^v\d+\.\d+/) }), answer.value);
  if (version === undefined) return notKubernetes(answer.value);
  proof.give();
  return value(shorten(version.gitVersion, 100));
}

/** API groups that every server has, and whose kinds no CustomResourceDefinition brings. */
const builtIn: readonly string[] = ['', 'apps', 'batch', 'discovery.k8s.io'];

/** Asks in each version of a kind, in order of preference, until the server knows one. */
async function inServedVersion(
  { proof, errand }: Server,
  kind: KindName,
  read: (version: string) => Promise<Fact | UnknownKind>,
): Promise<Fact> {
  const { group, versions } = kinds[kind];
  for (const version of versions) {
    const fact = await read(version);
    if (fact !== 'unknown-kind') return fact;
  }
  if (builtIn.includes(group)) {
    return problem(
      'malformed',
      'it does not know this built-in kind (404). Is this the address of a Kubernetes API server?',
    );
  }
  const asked = `${crdName(kind)} in ${versions.join(' or ')}`;
  const unproved = await proof.missing(errand);
  return unproved === undefined
    ? problem(
        'kind-not-installed',
        `the server serves no ${asked} (404), so their CustomResourceDefinition is not installed. Install the component that brings it`,
      )
    : problem(
        'malformed',
        `it knows no ${asked} (404), but nothing that it answers shows that it is a Kubernetes API server (${unproved}). Is this its address, with the path if it has one?`,
      );
}

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().nullish() }),
});

async function readObject({ ask, proof }: Server, read: ObjectRead, version: string): Promise<Fact | UnknownKind> {
  const kind = kinds[read.kind];
  const answer = await ask(resourceRequest(kind, version, { namespace: read.namespace, name: read.name }));
  if (!answer.ok) return answer;
  const what = missing(answer.value, kind, read.name);
  if (what !== undefined) return what === 'kind' ? 'unknown-kind' : notFound(answer.value);
  if (answer.value.status !== 200) return unsuccessful(answer.value);
  const found = parseAs(objectSchema, answer.value);
  if (found === undefined) return notKubernetes(answer.value);
  const wanted = { apiVersion: apiVersionOf(kind.group, version), ...read };
  if (found.kind !== wanted.kind || found.apiVersion !== wanted.apiVersion) {
    return other(`${found.apiVersion} ${found.kind}`, `${wanted.apiVersion} ${wanted.kind}`);
  }
  const { name, namespace } = found.metadata;
  if (name !== read.name || (read.namespace !== undefined && namespace !== read.namespace)) {
    return other(place(name, namespace), place(read.name, read.namespace));
  }
  proof.give();
  return value(found);
}

const place = (name: string, namespace: string | null | undefined): string =>
  namespace ? `${namespace}/${name}` : name;

async function readLog({ ask }: Server, read: LogRead): Promise<Fact<string>> {
  const answer = await ask(logRequest(read));
  if (!answer.ok) return answer;
  const { status, text, contentType } = answer.value;
  // The API server sends a log as plain text; a page is somebody else's.
  if (status === 200) return contentType.startsWith('text/html') ? notKubernetes(answer.value) : value(text);
  if (missing(answer.value, kinds.Pod, read.pod) === 'object') return notFound(answer.value);
  // No such container, or one that has not started: there is no log (yet).
  return status === 400
    ? problem('not-found', `there is no such log (${said(answer.value)})`)
    : unsuccessful(answer.value);
}
