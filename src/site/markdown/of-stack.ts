/** A loader whose files are read without what is about parts that the stack lacks: whoever takes a page from the collection gets the same text. */
import type { Loader } from 'astro/loaders';
import { stackDigest } from '../stack-digest.ts';
import { recordFailure } from './failures.ts';
import { BrokenPart, withParts } from './parts.ts';

/** What Astro hands a loader beyond what it promises: how files of a type are read. */
interface Internals {
  entryTypes: ReadonlyMap<string, { getEntryInfo: (file: EntryFile) => unknown }>;
}

interface EntryFile {
  contents: string;
  fileUrl: URL;
}

export const ofStack = (loader: Loader): Loader => ({
  ...loader,
  load: (context) => {
    // What was rendered before holds the names of the stack that it was rendered for.
    if (context.meta.get('stack') !== stackDigest) context.store.clear();
    context.meta.set('stack', stackDigest);
    const entryTypes = new Map(
      [...(context as unknown as Internals).entryTypes].map(([extension, type]) => [
        extension,
        {
          ...type,
          getEntryInfo: (info: EntryFile) =>
            type.getEntryInfo({ ...info, contents: readable(info.contents, info.fileUrl) }),
        },
      ]),
    );
    return loader.load({ ...context, entryTypes } as typeof context);
  },
});

/** As it stands, and the failure on record, where the tags are wrong. */
function readable(contents: string, { pathname }: URL): string {
  try {
    return withParts(contents);
  } catch (error) {
    if (!(error instanceof BrokenPart)) throw error;
    recordFailure({ where: pathname.slice(pathname.indexOf('/content/') + 1), message: error.message });
    return contents;
  }
}
