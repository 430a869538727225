/**
 * The rules as nginx reads them, for the mirror in the cluster: it gives the answers that Cloudflare Pages gives.
 * `test/site/hosting` asks both the same questions.
 */
import {
  contentTypes,
  type HeaderRule,
  headerRules,
  MISSING_CACHE_CONTROL,
  OTHER_CONTENT_TYPE,
  type Redirect,
  redirects,
} from './rules.ts';

export interface Mirror {
  contentSecurityPolicy: string;
  /** Where nginx listens: a port, or an address with one. */
  listen: string;
  /** The folder of the site. */
  root: string;
  /** The one folder that nginx writes to. */
  temporary: string;
  accessLog: string;
}

export const nginxConfiguration = ({ contentSecurityPolicy, listen, root, temporary, accessLog }: Mirror): string => `\
# Made by apps/docs/mirror.ts from src/site/hosting/rules.ts. Change those.
daemon off;
pid ${temporary}/nginx.pid;
error_log stderr warn;
# A homelab's readers are few, and a worker costs memory.
worker_processes 1;

events {
  worker_connections 512;
}

http {
  client_body_temp_path ${temporary}/body;
  fastcgi_temp_path ${temporary}/fastcgi;
  proxy_temp_path ${temporary}/proxy;
  scgi_temp_path ${temporary}/scgi;
  uwsgi_temp_path ${temporary}/uwsgi;

  types {
${Object.entries(contentTypes)
  .map(([ending, type]) => `    ${type} ${ending};`)
  .join('\n')}
  }
  default_type ${OTHER_CONTENT_TYPE};
  charset utf-8;
  charset_types ${Object.values(contentTypes)
    .filter((type) => type.startsWith('text/') && type !== 'text/html')
    .join(' ')};

  access_log ${accessLog};
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  client_max_body_size 1k;
  absolute_redirect off;
  # Pages answers a request for part of a file with all of it.
  max_ranges 0;

  # Everything but pages is compressed already, beside the file; pages are changed on their way out (sub_filter), so they cannot be.
  gzip_static on;
  gzip on;
  gzip_comp_level 6;
  gzip_min_length 256;
  gzip_vary on;
  gzip_proxied any;

${headerMaps(headerRules(contentSecurityPolicy))}

  server {
    listen ${listen};
    root ${root};
    error_page 404 @missing;

    # Tells a page that it is read on the mirror, which its style sheet then says. It cannot know by itself: it has the
    # public site's bytes, at the public site's hostname.
    sub_filter '<html ' '<html data-host="mirror" ';
    sub_filter_once on;
    sub_filter_last_modified on;

${headerNames(headerRules(contentSecurityPolicy))
  .map((name) => `    add_header ${name} ${variable(name)} always;`)
  .join('\n')}

    # nginx is up; and it has a site to serve.
    location = /healthz {
      access_log off;
      default_type text/plain;
      return 200 "ok\\n";
    }
    location = /readyz {
      access_log off;
      default_type text/plain;
      if (!-f $document_root/index.html) {
        return 503;
      }
      return 200 "ok\\n";
    }

${redirects.map(redirectLocations).join('\n')}

    # Addresses as Pages has them: /a/ is a/index.html and /b is b.html; every other way to write them leads there. Nothing is redirected
    # but to a file that exists, so no address can smuggle a line break or a foreign host into a Location.
    location ~ ^(?<folder>.*/)index(/|\\.html)?$ {
      if (-f $document_root\${folder}index.html) {
        return 308 $folder$is_args$args;
      }
      return 404;
    }
    location ~ ^(?<page>.+)\\.html$ {
      if (-f $document_root$page.html) {
        return 308 $page$is_args$args;
      }
      return 404;
    }
    location ~ ^(?<page>.*)/$ {
      try_files \${uri}index.html @page;
    }
    location @page {
      if (-f $document_root$page.html) {
        return 308 $page$is_args$args;
      }
      return 404;
    }
    # The compressed neighbours of files are not files of the site.
    location ~ \\.gz$ {
      return 404;
    }
    location / {
      try_files $uri $uri.html @folder;
    }
    location @folder {
      if (-f $document_root$uri/index.html) {
        return 308 $uri/$is_args$args;
      }
      return 404;
    }
    location @missing {
      try_files /404.html =404;
    }
  }
}
`;

const variable = (name: string): string => `$header_${name.toLowerCase().replaceAll('-', '_')}`;

const headerNames = (rules: readonly HeaderRule[]): readonly string[] => [
  ...new Set(rules.flatMap(({ headers }) => Object.keys(headers))),
];

/** A variable for each header, by the path that was asked for; nginx sends no header whose value is empty. */
function headerMaps(rules: readonly HeaderRule[]): string {
  const maps = headerNames(rules).map((name) => {
    // The first match counts in a map, and the last rule among the rules.
    const lines = rules
      .filter(({ headers }) => headers[name] !== undefined)
      .toReversed()
      .map(({ path, headers }) => `    ${pathPattern(path)} ${quoted(headers[name] ?? '')};`);
    const isCaching = name === 'Cache-Control';
    return [
      `  map $request_uri ${isCaching ? '$caching' : variable(name)} {`,
      ...lines,
      '  }',
      ...(isCaching ? cachingByStatus(variable(name)) : []),
    ].join('\n');
  });
  return maps.join('\n');
}

const cachingByStatus = (name: string): readonly string[] => [
  `  map $status ${name} {`,
  `    404 ${quoted(MISSING_CACHE_CONTROL)};`,
  '    default $caching;',
  '  }',
];

function pathPattern(path: string): string {
  if (path === '/*') return 'default';
  const pattern = path
    .split('*')
    .map((part) => part.replaceAll(/[.+?^$()[\]{}|\\]/g, '\\$&'))
    .join('[^?]*');
  return quoted(`~^${pattern}(\\?|$)`);
}

const redirectLocations = ({ from, to, status }: Redirect): string => {
  const [path, fragment] = to.split('#');
  const target = quoted(`${path}$is_args$args${fragment === undefined ? '' : `#${fragment}`}`);
  return [from.slice(0, -1), from]
    .map((each) => `    location = ${each} {\n      return ${status} ${target};\n    }`)
    .join('\n');
};

const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
