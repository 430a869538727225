/**
 * Programs that few need and that weigh more than all the rest: each is a package of its own in a folder beside this, pinned by a lock file
 * of its own, and is installed the first time that somebody asks for it.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * - `lighthouse` measures pages (`npm run bench:site`).
 * - `mermaid` draws the diagrams that the cache lacks (`npm run diagrams`).
 * - `wrangler` publishes to Cloudflare Pages, and emulates it for the tests (`npm run wrangler`).
 */
export type Tool = 'lighthouse' | 'mermaid' | 'wrangler';

const folderOf = (tool: Tool): string => fileURLToPath(new URL(tool, import.meta.url));

/** The version that the tool's package asks for. */
export function versionOf(tool: Tool): string {
  const { dependencies } = JSON.parse(readFileSync(join(folderOf(tool), 'package.json'), 'utf8')) as {
    dependencies: Record<Tool, string>;
  };
  return dependencies[tool];
}

/** What stands in the lock file is what is installed, or is not there yet. npm writes its own list last. */
function isInstalled(tool: Tool): boolean {
  const locked = (file: string): string | undefined => {
    const { packages } = JSON.parse(readFileSync(join(folderOf(tool), file), 'utf8')) as {
      packages: Record<string, { integrity?: string }>;
    };
    return packages[`node_modules/${tool}`]?.integrity;
  };
  try {
    return locked('node_modules/.package-lock.json') === locked('package-lock.json');
  } catch {
    return false;
  }
}

/**
 * Makes sure that a tool is installed.
 *
 * @param say is told before something is fetched, for that takes a while.
 * @returns the folder of its package, `tools/<tool>/node_modules/<tool>`.
 * @throws Error when npm could not install it, with npm's last words.
 */
export function ensureTool(tool: Tool, say: (text: string) => void = console.error): string {
  if (!isInstalled(tool)) install(tool, say);
  return join(folderOf(tool), 'node_modules', tool);
}

/** Installed aside and moved in whole, so that two who ask at once do not disturb each other. */
function install(tool: Tool, say: (text: string) => void): void {
  say(`Installing ${tool} ${versionOf(tool)} into tools/${tool}`);
  const folder = folderOf(tool);
  const aside = mkdtempSync(join(folder, '.installing-'));
  try {
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(folder, file), join(aside, file));
    const { status, stderr, error } = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
      cwd: aside,
      encoding: 'utf8',
    });
    if (status !== 0) {
      const said = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ');
      throw new Error(`npm could not install ${tool} (${said}). Try it by hand: npm ci --prefix tools/${tool}`);
    }
    if (isInstalled(tool)) return;
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    renameSync(join(aside, 'node_modules'), join(folder, 'node_modules'));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** The file that Node runs for one of the tool's commands. */
export function commandOf(tool: 'lighthouse' | 'wrangler', say?: (text: string) => void): string {
  const folder = ensureTool(tool, say);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const file = typeof bin === 'string' ? bin : bin[tool];
  if (file === undefined) throw new Error(`The package ${tool} has no command of that name any more.`);
  return join(folder, file);
}
