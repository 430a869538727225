/**
 * The documents of a file of YAML or JSON, each with the places of its fields.
 *
 * YAML is read as `kubectl` reads it: version 1.1, in which `yes` and `on` are booleans and 0644 is octal, but without its times.
 */
import { isMap, isScalar, LineCounter, parseAllDocuments, type Document, type Tags } from 'yaml';
import type { FileNote, Path, Place } from '../manifest.ts';

export interface YamlDocument {
  file: string;
  content: Readonly<Record<string, unknown>>;
  /** Where a field's key stands; where the field is absent, the nearest field around it. */
  place: (path: Path) => Place;
}

export interface Documents {
  documents: readonly YamlDocument[];
  /** Why the rest of the file cannot be read. */
  fault?: FileNote;
}

const asKubectl = {
  version: '1.1',
  merge: true,
  // The library warns of a map as a key, which any template has.
  logLevel: 'error',
  // Neither dates nor 12:30:00 as a number of seconds: kubectl's reader leaves both as text. It knows 0o644 beside 0644.
  customTags: (tags: Tags): Tags => [
    ...tags
      .filter(
        (tag) =>
          typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
      )
      .map(withDigits),
    'intOct',
  ],
} as const;

/** kustomize reads as kubectl does, but takes `yes`, `on` and their like for text; of a key that is there twice, it takes the last in its own files. */
const asKustomize = {
  ...asKubectl,
  customTags: (tags: Tags): Tags => asKubectl.customTags(tags).map(withoutWords),
} as const;

const readers = { kubectl: asKubectl, kustomize: asKustomize, lenient: { ...asKubectl, uniqueKeys: false } } as const;

/** Who reads: kubectl, or kustomize, which reads its resources and its own files each in another way. */
export type Reader = keyof typeof readers;

function withoutWords(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !tag.tag.endsWith(':bool') || !('test' in tag) || tag.test === undefined) return tag;
  return { ...tag, test: tag.test.test('true') ? /^(?:true|True|TRUE)$/ : /^(?:false|False|FALSE)$/ };
}

/** The library takes `.` and `e3` for numbers; kubectl's reader wants a digit before any exponent. */
function withDigits(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !tag.tag.endsWith(':float') || !('test' in tag) || tag.test === undefined) return tag;
  const { source } = tag.test;
  return /inf/i.test(source) ? tag : { ...tag, test: new RegExp(`^(?=[^eE]*\\d)(?:${source})`) };
}

/** The maps of a file: what is no map holds no object. */
export function documentsOf(file: string, text: string, reader: Reader = 'kubectl'): Documents {
  const first = parsed(file, text, reader);
  const aliased = first.fault === undefined ? text : text.replaceAll(aliasAsKey, '$1 :');
  return aliased === text ? first : parsed(file, aliased, reader);
}

/** Every document of a text, whatever it holds; undefined where it is not YAML. */
export function valuesOf(text: string, reader: Reader = 'kubectl'): readonly unknown[] | undefined {
  const aliased = text.replaceAll(aliasAsKey, '$1 :');
  for (const one of new Set([text, aliased])) {
    try {
      const trees = parseAllDocuments(one, readers[reader]);
      if (trees.every(({ errors }) => errors.length === 0)) return trees.map((tree) => tree.toJS() as unknown);
    } catch {
      // Aliases that lead nowhere, or to far too much.
    }
  }
  return undefined;
}

/** kubectl's reader ends an alias at the colon of its key, as in `*app: web`. */
const aliasAsKey = /^(\s*(?:- +)*\*[\w-]+):(?=\s|$)/gm;

function parsed(file: string, text: string, reader: Reader): Documents {
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  const faultAt = (offset: number, why: string): Documents => ({
    documents,
    fault: { file, place: placeAt(lines, offset), message: `is not YAML: ${why}`, hint: notYaml },
  });
  for (const tree of parseAllDocuments(text, { ...readers[reader], lineCounter: lines })) {
    const [error] = tree.errors;
    if (error !== undefined) return faultAt(error.pos[0], firstLine(error.message));
    let content: unknown;
    try {
      content = tree.toJS();
    } catch (thrown) {
      // Aliases that lead nowhere, or to far too much.
      return faultAt(rangeOf(tree.contents) ?? 0, firstLine((thrown as Error).message));
    }
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      const place = (path: Path): Place => placeOf(tree, lines, path);
      documents.push({ file, content: content as YamlDocument['content'], place });
    }
  }
  return { documents };
}

const notYaml =
  'A template has to be rendered first (helm template); anything else has to be mended in that line, or just above it.';

const firstLine = (message: string): string =>
  message.split('\n')[0]?.replace(/(?: at line \d+, column \d+)?[.:]?$/, '') ?? '';

function placeOf(tree: Document.Parsed, lines: LineCounter, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = tree.getIn(path.slice(0, length - 1), true) ?? tree.contents;
    const step = path[length - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === step) : undefined;
    const node: unknown = pair?.key ?? tree.getIn(path.slice(0, length), true);
    const start = rangeOf(node);
    if (start !== undefined) return placeAt(lines, start);
  }
  const start = rangeOf(tree.contents);
  return start === undefined ? { line: 1, column: 1 } : placeAt(lines, start);
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  // The counter knows no line 0.
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

const rangeOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;
