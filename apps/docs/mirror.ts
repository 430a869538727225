/**
 * `node apps/docs/mirror.ts DIST FOLDER`: what the mirror's image holds, from the built site: FOLDER/site and FOLDER/nginx.conf.
 * The paths in the configuration are those of the image; see the Dockerfile beside this.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyOf } from '../../src/site/hosting/content-security-policy.ts';
import { copySite } from '../../src/site/hosting/mirror.ts';
import { nginxConfiguration } from '../../src/site/hosting/nginx.ts';

const [dist, folder] = process.argv.slice(2);
if (dist === undefined || folder === undefined) {
  console.error('Usage: node apps/docs/mirror.ts DIST FOLDER');
  process.exitCode = 64;
} else if (!existsSync(join(dist, 'index.html'))) {
  console.error(`There is no built site in ${dist}: run "npm run build" first.`);
  process.exitCode = 1;
} else {
  mkdirSync(folder, { recursive: true });
  copySite(dist, join(folder, 'site'));
  const configuration = nginxConfiguration({
    contentSecurityPolicy: policyOf(dist),
    listen: '8080',
    root: '/srv/site',
    // An emptyDir in the cluster: the rest of the file system is read-only.
    temporary: '/tmp',
    accessLog: '/dev/stdout',
  });
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  console.log(`Wrote the mirror of ${dist} to ${folder}: site and nginx.conf.`);
}
