/** Every lock file of the project: its own, and those of the tools that are installed when somebody asks for them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface LockedPackage {
  version?: string;
  integrity?: string;
  license?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

export interface LockFile {
  /** `package-lock.json`, `tools/mermaid/package-lock.json`. */
  file: string;
  /** By path, such as `node_modules/yaml`; the project itself is not among them. */
  packages: readonly (readonly [path: string, LockedPackage])[];
  /** What `package.json` beside it asks for and allows. */
  manifest: {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    allowScripts?: Record<string, boolean>;
  };
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

export const lockFiles: readonly LockFile[] = [
  'package-lock.json',
  ...globSync('tools/*/package-lock.json').sort(),
].map((file) => {
  const { packages } = read(file) as { packages: Record<string, LockedPackage> };
  return {
    file,
    packages: Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true),
    manifest: read(join(dirname(file), 'package.json')) as LockFile['manifest'],
  };
});

/** `node_modules/a/node_modules/@b/c` is `@b/c`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
