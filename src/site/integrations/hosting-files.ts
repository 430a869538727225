/** Writes what Cloudflare Pages reads beside the pages. It runs when every page is written, for the policy lists their scripts. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import { policyOf } from '../hosting/content-security-policy.ts';
import { headersFile, redirectsFile } from '../hosting/pages.ts';
import { headerRules, redirects } from '../hosting/rules.ts';

export const hostingFiles = (): AstroIntegration => ({
  name: 'hosting-files',
  hooks: {
    'astro:build:done': ({ dir }) => {
      writeFileSync(new URL('_headers', dir), headersFile(headerRules(policyOf(fileURLToPath(dir)))));
      writeFileSync(new URL('_redirects', dir), redirectsFile(redirects));
    },
  },
});
