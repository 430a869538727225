/**
 * The mirror's content, made from the built site: the very same files, the compressed form of each beside it, and nginx's configuration.
 * The same site gives the same bytes.
 */
import { copyFileSync, globSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

/** Instructions for Pages, not files of the site; there they are not served either. */
const INSTRUCTIONS = ['_headers', '_redirects'];

/** Compressed by their makers. */
const COMPRESSED = ['.jpg', '.png', '.webp', '.woff2'];

/** Pages are compressed as they are sent, after the mirror has marked them. */
const SENT_CHANGED = ['.html'];

/** Copies the site into a folder and compresses what can be sent compressed as it is. */
export function copySite(dist: string, root: string): void {
  for (const file of siteFiles(dist)) {
    const from = join(dist, file);
    const to = join(root, file);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    // An ETag of nginx is made of time and size: both replicas run one image, so they agree.
    const { mtime } = statSync(from);
    utimesSync(to, mtime, mtime);
    const compressed = compress(file, readFileSync(from));
    if (compressed === undefined) continue;
    writeFileSync(`${to}.gz`, compressed);
    utimesSync(`${to}.gz`, mtime, mtime);
  }
}

/** The files that a reader can ask for. */
export const siteFiles = (dist: string): readonly string[] =>
  globSync('**/*', { cwd: dist })
    .filter((file) => statSync(join(dist, file)).isFile() && !INSTRUCTIONS.includes(file))
    .sort();

/** Undefined when sending it compressed would gain nothing. */
function compress(file: string, content: Buffer): Buffer | undefined {
  if ([...COMPRESSED, ...SENT_CHANGED].includes(extname(file))) return undefined;
  // zlib writes neither a name nor a time into the header, so the bytes depend on the content alone.
  const compressed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  return compressed.length < content.length * 0.95 ? compressed : undefined;
}
