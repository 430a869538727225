/**
 * How the built site is served, as data: which headers, which redirects, which types. `_headers` and `_redirects` for Cloudflare Pages
 * (`pages.ts`) and the configuration of the mirror in the cluster (`nginx.ts`) both come from here, so the two cannot drift apart.
 */

export interface HeaderRule {
  /** A path, in which `*` stands for anything; at most one, for Pages takes no more. */
  path: string;
  /** A later rule replaces what an earlier one says; `null` takes a header away. */
  headers: Readonly<Record<string, string | null>>;
}

/** The name in the path, or the name in the file, changes with the content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

export const headerRules = (contentSecurityPolicy: string): readonly HeaderRule[] => [
  {
    path: '/*',
    headers: {
      // Kept, but asked for each time: an answer that has not changed costs a 304.
      'Cache-Control': 'public, max-age=0, must-revalidate',
      'Content-Security-Policy': contentSecurityPolicy,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy':
        'accelerometer=(), browsing-topics=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      // Of this hostname alone: what else is served under the domain is not for a page to decide.
      'Strict-Transport-Security': 'max-age=31536000',
      'X-Content-Type-Options': 'nosniff',
      // Pages lets every site read every file unless told otherwise.
      'Access-Control-Allow-Origin': null,
    },
  },
  { path: '/_astro/*', headers: { 'Cache-Control': FOR_EVER } },
  { path: '/pagefind/fragment/*', headers: { 'Cache-Control': FOR_EVER } },
  { path: '/pagefind/index/*', headers: { 'Cache-Control': FOR_EVER } },
  { path: '/pagefind/*.pf_meta', headers: { 'Cache-Control': FOR_EVER } },
  // Editors and validators load a schema from wherever they run.
  {
    path: '/schemas/*',
    headers: { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' },
  },
];

/** What Pages and the mirror send with a missing page, whatever a rule says: it may be there a moment later. */
export const MISSING_CACHE_CONTROL = 'no-store';

export interface Redirect {
  /** Answered with and without its slash. */
  from: `/${string}/`;
  to: `/${string}`;
  /** 301 for what has moved; 302 for a folder, which may get a page of its own. */
  status: 301 | 302;
}

export const redirects: readonly Redirect[] = [
  // The pages that this handbook replaces.
  { from: '/explanation/gateway-networking/', to: '/explanation/overview/', status: 301 },
  { from: '/how-to/validation/', to: '/how-to/validate/', status: 301 },
  // Readers cut addresses short.
  { from: '/tutorials/', to: '/tutorials/first-run/', status: 302 },
  { from: '/how-to/', to: '/how-to/run-a-runbook/', status: 302 },
  { from: '/issues/', to: '/#something-is-broken', status: 302 },
  { from: '/explanation/', to: '/explanation/overview/', status: 302 },
  { from: '/reference/', to: '/reference/components/', status: 302 },
];

/** By the file's ending, as Pages has them [wrangler 4.164]; `text/*` is said to be UTF-8. */
export const contentTypes: Readonly<Record<string, string>> = {
  css: 'text/css',
  html: 'text/html',
  ico: 'image/vnd.microsoft.icon',
  jpg: 'image/jpeg',
  js: 'application/javascript',
  json: 'application/json',
  md: 'text/markdown',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff2: 'font/woff2',
  xml: 'application/xml',
};
export const OTHER_CONTENT_TYPE = 'application/octet-stream';
