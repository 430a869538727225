/** The objects of a document: itself, or those of a List, and what of it is none. */
import { isObject } from '../../kinds/violation.ts';
import { fieldsOf, type Fields } from '../fields.ts';
import { noteText, type FileNote, type Manifest, type ManifestObject, type Path } from '../manifest.ts';
import type { YamlDocument } from './documents.ts';

export interface Objects {
  manifests: readonly Manifest[];
  /** What was left out. */
  notes: readonly FileNote[];
  /** What means to be an object, and is none. */
  faults: readonly FileNote[];
}

const none: Objects = { manifests: [], notes: [], faults: [] };

/** @returns nothing where a document is data of something else: it has neither kind nor a version of an API. */
export function objectsOf(document: YamlDocument): Objects {
  const { file, content } = document;
  const note = (message: string): Objects => ({ ...none, notes: [{ file, message }] });
  if (isWhollyEncrypted(content)) return note('is encrypted with SOPS as a whole: left out');
  if (typeof content['kind'] !== 'string' && typeof content['apiVersion'] !== 'string')
    return note('holds no object (Helm values, perhaps): left out');
  const parts = itemsOf(content).map(({ item, within }) => objectOf(document, item, within));
  return {
    manifests: parts.flatMap(({ manifests }) => manifests),
    notes: parts.flatMap(({ notes }) => notes),
    faults: parts.flatMap(({ faults }) => faults),
  };
}

interface Item {
  item: unknown;
  within: Path;
}

/** The items of a List, and those of a List among them; those of a typed list say their kind with the list. */
function itemsOf(content: Fields, within: Path = []): readonly Item[] {
  const { kind, apiVersion, items } = content;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ item: content, within }];
  const typed = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item: unknown, index): readonly Item[] => {
    const place = [...within, 'items', index];
    return isObject(item) ? itemsOf({ ...typed, ...item }, place) : [{ item, within: place }];
  });
}

function objectOf({ file, place }: YamlDocument, item: unknown, within: Path): Objects {
  const wrong = (message: string): FileNote => ({
    ...{ file, place: place(within), message },
    hint: 'Every object of Kubernetes says its apiVersion and kind.',
  });
  if (!isObject(item)) return { ...none, faults: [wrong('has an item that is no object')] };
  const missing = ['apiVersion', 'kind'].find((field) => typeof item[field] !== 'string');
  if (missing !== undefined) {
    // Other programs have kinds, and versions of their own, but no metadata.
    const isMeant = isObject(item['metadata']);
    const told = wrong(`has an object without ${missing}`);
    return isMeant
      ? { ...none, faults: [told] }
      : { ...none, notes: [{ file, message: 'holds no object (Helm values, perhaps): left out' }] };
  }
  const metadata = fieldsOf(item['metadata']);
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  const { sops, ...object } = item;
  return {
    ...none,
    manifests: [
      {
        file,
        place: (path) => place([...within, ...path]),
        object: { ...object, metadata: { ...metadata, name } } as unknown as ManifestObject,
      },
    ],
    notes: sops === undefined ? [] : [{ file, message: 'is encrypted with SOPS: its values are not judged' }],
  };
}

/** SOPS encrypts every value of a file that it is told nothing else of, its kind included. */
const isWhollyEncrypted = ({ apiVersion, kind }: Fields): boolean =>
  [apiVersion, kind].some((value) => typeof value === 'string' && value.startsWith('ENC['));

/** Each note as a sentence; what is the same of many files is said once. */
export function notesText(notes: readonly FileNote[]): readonly string[] {
  const alike = Map.groupBy(notes, ({ message, hint = '' }) => `${message}\n${hint}`);
  return [...alike.values()].flatMap((some) => {
    const texts = [...new Set(some.map(noteText))];
    if (texts.length <= few) return texts;
    const [first, ...others] = [...new Set(some.map(({ file }) => file))];
    const named = others.slice(0, 2).join(', ');
    return first === undefined || others.length === 0
      ? texts.slice(0, 1)
      : [`${texts[0] ?? ''} So it is with ${others.length} more: ${named}${others.length > 2 ? ', …' : ''}`];
  });
}

const few = 3;
