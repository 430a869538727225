/**
 * Fills the variables of a Flux Kustomization into what it applies.
 *
 * Flux writes each object as YAML, fills the text, and reads it again: `"${REPLICAS:=1}"` becomes the integer 1, for nobody writes quotes
 * around text that begins with a dollar. Source: fluxcd/pkg kustomize/kustomize_varsub.go.
 */
import { envsubst, type Variable } from '../../formats/envsubst.ts';
import { documentsOf } from '../files/documents.ts';
import type { FileNote, Manifest, ManifestObject, Path } from '../manifest.ts';
import { fieldsOf, type Fields } from '../fields.ts';

export type VariableOf = (name: string) => Variable;

const switchedOff = 'kustomize.toolkit.fluxcd.io/substitute';

/** @param by Whose variables they are, for people. */
export function substituted(
  manifest: Manifest,
  variableOf: VariableOf,
  by: string,
): { manifest: Manifest; faults: readonly FileNote[] } {
  const { object, file, place } = manifest;
  const { labels, annotations } = object.metadata as Fields;
  const isOff = [labels, annotations].some((some) => fieldsOf(some)[switchedOff] === 'disabled');
  if (isOff) return { manifest, faults: [] };
  const faults: FileNote[] = [];
  const refuse = (path: Path, why: string): void => {
    faults.push({
      file,
      place: place(path),
      message: `has a variable that Flux cannot fill in for ${by}: ${why}`,
      hint: `Write $$ for a dollar that is meant as one, or annotate the object with ${switchedOff}: disabled.`,
    });
  };
  const filled = filledValue(object, variableOf, refuse, []) as ManifestObject;
  if (filled === object || faults.length > 0) return { manifest, faults };
  const name = filled.metadata.name as unknown;
  const metadata = { ...filled.metadata, name: typeof name === 'string' ? name : String(name) };
  return { manifest: { ...manifest, object: { ...filled, metadata } }, faults };
}

type Refuse = (path: Path, why: string) => void;

/** The value itself where nothing in it is filled. */
function filledValue(value: unknown, variableOf: VariableOf, refuse: Refuse, path: Path): unknown {
  if (typeof value === 'string') return value.includes('$') ? filledText(value, variableOf, refuse, path) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => filledValue(item, variableOf, refuse, [...path, index]));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const before = Object.entries(value);
  const entries = before.map(([key, inner]): readonly [string, unknown] => {
    const at = [...path, key];
    const filledKey = key.includes('$') ? String(filledText(key, variableOf, refuse, at)) : key;
    return [filledKey, filledValue(inner, variableOf, refuse, at)];
  });
  const isSame = entries.every(([key, inner], index) => key === before[index]?.[0] && inner === before[index][1]);
  return isSame ? value : Object.fromEntries(entries);
}

function filledText(text: string, variableOf: VariableOf, refuse: Refuse, path: Path): unknown {
  const filled = envsubst(text, variableOf);
  if (!filled.ok) {
    refuse(path, filled.why);
    return text;
  }
  if (filled.text === text || isWrittenInQuotes(text) || isSurelyText(filled.text)) return filled.text;
  const { documents, fault } = documentsOf('', `value: ${filled.text}\n`);
  const [document] = documents;
  if (fault === undefined && document !== undefined) return document.content['value'];
  refuse(path, `what comes of it, ${filled.text}, is not YAML`);
  return text;
}

/** Whether a writer of YAML puts this text into quotes or a block, in which it stays text: it could not be read back without. */
const isWrittenInQuotes = (text: string): boolean =>
  /^[\s#,[\]{}&*!|>'"%@`]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:(?:\s|$)|\s#|\s$|[^\P{Cc}\t]/u.test(text);

/** What needs no reader of YAML. */
const isSurelyText = (text: string): boolean =>
  /^[a-z$/][\w./${}-]*$/i.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
