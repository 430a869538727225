/** Finds a Chromium for the browser tests, or installs one; says what it did. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of a Chromium: CHROME_PATH, the system's, or Playwright's own. */
export const findBrowser = (): string | undefined =>
  [process.env['CHROME_PATH'], ...usualPlaces, chromium.executablePath()].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  );

const ways: readonly { when: () => boolean; commands: readonly (readonly [string, ...string[]])[] }[] = [
  {
    // As root on Debian or Ubuntu: the system's package, which needs no other network than the system's own.
    when: () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'),
    commands: [
      ['apt-get', 'update', '-qq'],
      ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
    ],
  },
  { when: () => true, commands: [['npx', 'playwright', 'install', 'chromium']] },
];

/**
 * Makes sure that there is a browser.
 *
 * @throws when none is found and none could be installed, with what was tried.
 */
export function ensureBrowser(say: (text: string) => void): string {
  const found = findBrowser();
  if (found !== undefined) {
    say(`Browser: ${found}`);
    return found;
  }
  const tried: string[] = [];
  for (const way of ways.filter(({ when }) => when())) {
    for (const [program, ...args] of way.commands) {
      say(`No browser found; running: ${[program, ...args].join(' ')}`);
      const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      tried.push(`${[program, ...args].join(' ')} (exit code ${status ?? 'none'})`);
      if (status !== 0) break;
    }
    const installed = findBrowser();
    if (installed !== undefined) {
      say(`Browser: ${installed}, installed just now`);
      return installed;
    }
  }
  throw new Error(
    `No browser found, and none could be installed. Tried: ${tried.join('; ')}. Install Chromium, or set CHROME_PATH.`,
  );
}
