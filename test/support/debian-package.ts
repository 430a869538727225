/**
 * Unpacks a package of Debian without installing it: that takes no root, starts nothing on the machine, and replaces nothing there. For
 * the tools that tests need and a machine may lack.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Where a package's files are, once it has been unpacked. */
export const unpackedAt = (name: string): string => resolve('node_modules/.cache', name);

const steps = (name: string): readonly (readonly [string, ...string[]])[] => [
  ...(process.getuid?.() === 0 ? [['apt-get', 'update', '-qq'] as const] : []),
  ['apt-get', 'download', '-qq', '-o', 'APT::Sandbox::User=root', name],
  ['sh', '-c', `dpkg-deb --extract ${name}_*.deb .`],
];

/** Unpacks the package, and answers with the commands that it took and how they ended: none where there is no apt-get. */
export function unpack(name: string, why: string, say: (text: string) => void): readonly string[] {
  if (!existsSync('/usr/bin/apt-get')) return [];
  const place = unpackedAt(name);
  mkdirSync(dirname(place), { recursive: true });
  // Somebody else may be at it: what stands at its place is whole.
  const folder = mkdtempSync(`${place}-`);
  const tried: string[] = [];
  for (const [program, ...args] of steps(name)) {
    const command = [program, ...args].join(' ');
    say(`${why}; running: ${command}`);
    const { status } = spawnSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    tried.push(`${command} (exit code ${status ?? 'none'})`);
    // A list of packages that could not be brought up to date may still do.
    if (status !== 0 && !command.startsWith('apt-get update')) break;
  }
  try {
    if (existsSync(`${folder}/usr`)) renameSync(folder, place);
  } catch (error) {
    if (!existsSync(`${place}/usr`)) throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  return tried;
}

/** What was tried, for the message of a tool that is still missing. */
export const told = (tried: readonly string[]): string => (tried.length > 0 ? ` Tried: ${tried.join('; ')}.` : '');
