/**
 * What the two hosts of the site are asked, and what both must answer. The answers were read off Cloudflare Pages' emulator [wrangler 4.164];
 * where the mirror must differ, the reason stands beside it.
 */
export interface Question {
  path: string;
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Readonly<Record<string, string>>;
  status: number;
  location?: string;
  type?: string;
  caching?: 'revalidate' | 'for ever' | 'never';
  /** The file of the site that the body is. */
  file?: string;
  /** The mirror's own answer. */
  mirror?: { status: number; because: string };
}

const page = { status: 200, type: 'text/html; charset=utf-8', caching: 'revalidate' } as const;
const moved = (status: number, location: string) => ({ status, location, caching: 'revalidate' }) as const;
const missing = { status: 404, type: 'text/html; charset=utf-8', caching: 'never', file: '404.html' } as const;
const refused = { status: 400, because: 'nginx refuses an address that climbs out of the site or is not encoded well' };

export const questions: readonly Question[] = [
  // A page has one address, and every other way to write it leads there.
  { path: '/', ...page, file: 'index.html' },
  { path: '/?from=a-friend', ...page, file: 'index.html' },
  { path: '/index', ...moved(308, '/') },
  { path: '/index/', ...moved(308, '/') },
  { path: '/index.html', ...moved(308, '/') },
  { path: '/index.html?x=1&y=2', ...moved(308, '/?x=1&y=2') },
  { path: '/how-to/adopt/', ...page, file: 'how-to/adopt/index.html' },
  { path: '/how-to/adopt/?x=%2F..%2F', ...page, file: 'how-to/adopt/index.html' },
  { path: '/how-to/adopt', ...moved(308, '/how-to/adopt/') },
  { path: '/how-to/adopt?x=1&y=2', ...moved(308, '/how-to/adopt/?x=1&y=2') },
  { path: '/how-to/adopt/index', ...moved(308, '/how-to/adopt/') },
  { path: '/how-to/adopt/index/', ...moved(308, '/how-to/adopt/') },
  { path: '/how-to/adopt/index.html', ...moved(308, '/how-to/adopt/') },
  { path: '//how-to/adopt', ...moved(308, '/how-to/adopt/') },
  { path: '/how-to//adopt/', ...page, file: 'how-to/adopt/index.html' },
  { path: '/how%2Dto/adopt/', ...page, file: 'how-to/adopt/index.html' },
  { path: '/how-to/../how-to/adopt/', ...page, file: 'how-to/adopt/index.html' },
  // Diagrams, and a runbook's panel.
  { path: '/explanation/request-path/', ...page, file: 'explanation/request-path/index.html' },
  { path: '/issues/gateway-not-programmed/', ...page, file: 'issues/gateway-not-programmed/index.html' },

  // The page for what is missing, at its own address and at all others.
  { path: '/404', ...page, file: '404.html' },
  { path: '/404.html', ...moved(308, '/404') },
  { path: '/404/', ...moved(308, '/404') },
  { path: '/nothing', ...missing },
  { path: '/nothing/', ...missing },
  { path: '/nothing.html', ...missing },
  { path: '/nothing?x=1', ...missing },
  { path: '/how-to/nothing/at/all/', ...missing },
  { path: '/how-to/adopt.html', ...missing },
  { path: '/HOW-TO/adopt/', ...missing },
  { path: '/favicon', ...missing },
  { path: '/_astro', ...missing },
  { path: '/_astro/', ...missing },
  // Long-lived for what is there, never kept when it is not.
  { path: '/_astro/nothing.js', ...missing },
  { path: '/schemas/nothing.json', ...missing },
  { path: '//evil.example/', ...missing },
  { path: '/%0d%0aX-Injected:%201/', ...missing },
  { path: '/%C3%BC/', ...missing },

  // Out of the site leads no way.
  { path: '/../etc/passwd', ...missing, mirror: refused },
  { path: '/%2e%2e/%2e%2e/etc/passwd', ...missing, mirror: refused },
  { path: '/_astro/%2e%2e/%2e%2e/package.json', ...missing, mirror: refused },
  { path: '/_astro/..%2f..%2f..%2fetc/passwd', ...missing, mirror: refused },
  { path: '/%zz', ...missing, mirror: refused },
  { path: '/.git/config', ...missing },
  {
    path: '/nothing/index',
    ...moved(308, '/nothing/'),
    mirror: { status: 404, because: 'nginx sends nobody to what does not exist; no address can then shape a Location' },
  },

  // Redirects of rules.ts; the query goes along.
  { path: '/explanation/gateway-networking/', ...moved(301, '/explanation/overview/') },
  { path: '/explanation/gateway-networking', ...moved(301, '/explanation/overview/') },
  { path: '/how-to/validation/?x=1', ...moved(301, '/how-to/validate/?x=1') },
  { path: '/issues/', ...moved(302, '/#something-is-broken') },
  { path: '/issues?x=1', ...moved(302, '/?x=1#something-is-broken') },
  { path: '/reference/', method: 'HEAD', ...moved(302, '/reference/components/') },

  // Methods and ranges.
  { path: '/how-to/adopt/', method: 'HEAD', ...page },
  { path: '/nothing', method: 'HEAD', status: 404, type: 'text/html; charset=utf-8', caching: 'never' },
  { path: '/favicon.svg', method: 'HEAD', status: 200, type: 'image/svg+xml', caching: 'revalidate' },
  { path: '/how-to/adopt/', method: 'POST', status: 405, caching: 'revalidate' },
  {
    path: '/favicon.svg',
    headers: { range: 'bytes=0-9' },
    status: 200,
    type: 'image/svg+xml',
    caching: 'revalidate',
    file: 'favicon.svg',
  },
  { path: '/favicon.svg?v=2', status: 200, type: 'image/svg+xml', caching: 'revalidate', file: 'favicon.svg' },
  {
    path: '/schemas/report-v2.json',
    status: 200,
    type: 'application/json',
    caching: 'revalidate',
    file: 'schemas/report-v2.json',
  },
];

/** Headers in which the hosts may differ, and why. All others must be the same. */
export const ownHeaders: Readonly<Record<string, string>> = {
  'accept-ranges': 'nginx says that it takes none',
  'content-length': 'the emulator sends chunks, and the mirror marks pages',
  'last-modified': 'Pages keeps no times',
  'transfer-encoding': 'the emulator sends chunks, and the mirror marks pages',
  'x-server-env': 'the emulator says that it is one',
  connection: 'belongs to the connection',
  date: 'differs by the second',
  etag: 'a hash of the content at Pages, time and size at nginx; the same tag comes back as 304 from both',
  'keep-alive': 'belongs to the connection',
  server: 'each names itself',
  vary: 'the emulator compresses nothing; in production Cloudflare adds it',
};

/** With these answers the two send other bodies, which no browser shows. */
export const bodilessStatuses = [301, 302, 304, 308, 400, 405];
