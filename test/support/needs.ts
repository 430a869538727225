/** Finds or fetches what tests need beside Node, and says so. What cannot be had is told, and fails. */
import { ensureTool } from '../../tools/tool.ts';
import { ensureBrowser } from './browser.ts';
import { allKubectls } from './find-kubectl.ts';
import { ensureHelm } from './helm.ts';
import { ensureNginx } from './nginx.ts';

const say = (text: string): void => console.log(text);

for (const ensure of [ensureNginx, allKubectls, ensureHelm, () => ensureTool('wrangler', say), ensureBrowser]) {
  try {
    ensure(say);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
