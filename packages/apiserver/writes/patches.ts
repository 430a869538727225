/** What a patch makes of an object, in each of the formats that an API server takes. Server-side apply stands by itself. */
import { applyPatch, type Operation } from 'rfc6902';
import { parse } from 'yaml';
import { toText } from '../bytes/utf8.ts';
import { isFields, text, type Fields } from '../objects/fields.ts';
import { mergePatch } from '../objects/merge-patch.ts';
import type { Body } from '../http/requests.ts';
import type { Resource } from '../resources/resources.ts';
import { badRequest, noSuchMediaType, StatusError, unsupportedMediaType } from '../http/statuses.ts';
import { strategicMerge } from './strategic-merge.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatchType = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
export const applyType = 'application/apply-patch+yaml';

/** @throws StatusError 415 for a format that the kind does not take. */
export function checkPatchType({ media }: Body, { custom }: Resource): void {
  const accepted = [jsonPatch, mergePatchType, ...(custom ? [] : [strategic]), applyType];
  // A built-in kind's router knows its patches; a custom kind looks for itself.
  if (!accepted.includes(media)) throw custom ? unsupportedMediaType(accepted) : noSuchMediaType();
}

/** @throws StatusError 400 for what is no patch, 422 for a patch that does not fit the object. */
export function patched(object: Fields, { bytes, media }: Body, kind: string): Fields {
  const patch = parsePatch(bytes);
  switch (media) {
    case jsonPatch:
      return applyOperations(object, patch);
    case strategic:
      return asObject(strategicMerge(object, asObject(patch), kind));
    default:
      return asObject(mergePatch(object, asObject(patch)));
  }
}

/** The object that an apply names, from its YAML. */
export function parseApplied({ bytes }: Body): Fields {
  let applied: unknown;
  try {
    applied = parse(toText(bytes));
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isFields(applied) || text(applied, 'kind') === '' || text(applied, 'apiVersion') === '') {
    throw badRequest("error decoding YAML: Object 'Kind' is missing");
  }
  return applied;
}

function parsePatch(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(toText(bytes));
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function asObject(patch: unknown): Fields {
  if (isFields(patch)) return patch;
  throw badRequest('error decoding patch: json: cannot unmarshal a value that is no object into Go value of type map');
}

function applyOperations(object: Fields, patch: unknown): Fields {
  if (!Array.isArray(patch)) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  const target = structuredClone(object);
  if (!patch.every((operation) => isFields(operation) && typeof operation['path'] === 'string')) throw unprocessable();
  const results = applyPatch(target, structuredClone(patch) as Operation[]);
  if (results.some((error) => error !== null)) throw unprocessable();
  return target;
}

/** An API server does not say which operation it was (apimachinery, NewGenericServerResponse). */
const unprocessable = (): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
