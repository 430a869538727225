/** Files as kustomize reads them, which differs from kubectl's way in a few words. */
import { documentsOf, type Documents, type Reader } from '../files/documents.ts';
import type { Tree } from '../files/tree.ts';

/** Whether a text has a key or a value that kubectl takes for a boolean and kustomize for text, or may have one. */
export const hasWords = (text: string): boolean => words.test(text);

const words = /(?:^\s*|[-:]\s+|[[{,]\s*)(?:y|n|yes|no|on|off)\s*(?:$|[,\]}:]|\s#)/im;

/** The documents of a file of resources; undefined where there is no file. */
export async function resourcesIn(tree: Tree, file: string): Promise<Documents | undefined> {
  const read = await tree.documents(file);
  const text = read === undefined ? undefined : await tree.text(file);
  return text !== undefined && hasWords(text) ? readAs(tree, file, text, 'kustomize') : read;
}

/** The documents of a kustomization's own file. */
export async function settingsIn(tree: Tree, file: string): Promise<Documents | undefined> {
  const read = await tree.documents(file);
  const text = read?.fault === undefined ? undefined : await tree.text(file);
  return text === undefined ? read : readAs(tree, file, text, 'lenient');
}

/** A base is built with each kustomization that lists it. */
const known = new WeakMap<Tree, Map<string, Documents>>();

function readAs(tree: Tree, file: string, text: string, reader: Reader): Documents {
  const ofTree = known.get(tree) ?? new Map<string, Documents>();
  known.set(tree, ofTree);
  const before = ofTree.get(file);
  if (before !== undefined) return before;
  const documents = documentsOf(file, text, reader);
  ofTree.set(file, documents);
  return documents;
}
