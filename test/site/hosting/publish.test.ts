/** The page about publishing names what is there: files, secrets, headers and commands. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { has, partNames } from '../../../runbooks/parts.ts';
import { headerRules } from '../../../src/site/hosting/rules.ts';
import { replaceTokens } from '../../../src/site/markdown/tokens.ts';
import { textOf } from '../pages.ts';
import { commandOf } from '../../../tools/tool.ts';

const run = promisify(execFile);
const page = replaceTokens(textOf('content/how-to/publish.md'));
const commands = [...page.matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? '').join('\n');
const named = [...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');

it('names files that exist', () => {
  const paths = [...named, ...commands.split(/\s+/)].filter((word) =>
    /^(\.github|apps|src|test|tools)\/|^wrangler\.jsonc$/.test(word),
  );
  expect(paths.length).toBeGreaterThan(5);
  // Whoever has adopted the handbook may have manifests elsewhere.
  const own = paths.filter((path) => existsSync('apps/docs') || !path.startsWith('apps/docs'));
  expect(own.filter((path) => !existsSync(path))).toEqual([]);
});

it('names the secrets that the workflow asks for, and no other', () => {
  const workflow = readFileSync('.github/workflows/pages.yml', 'utf8');
  const asked = [...workflow.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name ?? '');
  expect(named.filter((name) => /^CLOUDFLARE_/.test(name)).sort()).toEqual(asked.sort());
});

it('names headers that are sent', () => {
  const sent = headerRules('').flatMap(({ headers }) => Object.keys(headers).map((name) => name.toLowerCase()));
  const expected = named.filter((name) => /^(content|strict|x)-[a-z-]+$/.test(name));
  expect(expected).toHaveLength(3);
  expect(expected.filter((name) => !sent.includes(name))).toEqual([]);
});

it.runIf(has('splitHorizon'))('calls the project as it is called', () => {
  expect(commands).toContain(`pages project create ${partNames.splitHorizon.pages.replace('.pages.dev', '')} `);
});

it('gives wrangler the flags that it has', { timeout: 90_000 }, async () => {
  const calls = [...commands.matchAll(/^npm run --silent wrangler -- ((?:\w+ )*\w+)(?: [a-z-]+)?( --.*)$/gm)];
  expect(calls.map(([, command]) => command)).toEqual(['pages project create', 'pages deploy']);
  const wrangler = commandOf('wrangler');
  await Promise.all(
    calls.map(async ([, command = '', rest = '']) => {
      const { stdout } = await run(process.execPath, [wrangler, ...command.split(' '), '--help'], {
        env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' },
      });
      for (const [flag] of rest.matchAll(/--[a-z-]+/g)) expect(stdout, `${command} ${flag}`).toContain(flag);
    }),
  );
});
