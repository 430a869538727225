/** `node tools/run.ts wrangler ARGUMENTS`: runs a tool, and installs it first where it is not there yet. */
import { spawnSync } from 'node:child_process';
import { commandOf } from './tool.ts';

const [tool, ...args] = process.argv.slice(2);
if (tool !== 'wrangler' && tool !== 'lighthouse') {
  console.error('Usage: node tools/run.ts wrangler|lighthouse [ARGUMENTS]');
  process.exitCode = 64;
} else {
  try {
    const { status } = spawnSync(process.execPath, [commandOf(tool), ...args], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
