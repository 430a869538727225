/** Serves a folder as a plain static host does, compressed, for browser tests of the published build: `static-server.ts FOLDER PORT`. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
};

const [folder = 'dist', port = '0'] = process.argv.slice(2);
const root = resolve(folder);

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  let file = resolve(join(root, decodeURIComponent(pathname)));
  if (file !== root && !file.startsWith(root + sep)) return void response.writeHead(400).end();
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html');
  const found = existsSync(file);
  const sent = found ? file : join(root, '404.html');
  const type = types[extname(sent)] ?? 'application/octet-stream';
  const isText = !/font|wasm|octet/.test(type) && (request.headers['accept-encoding'] ?? '').includes('gzip');
  response.writeHead(found ? 200 : 404, { 'content-type': type, ...(isText ? { 'content-encoding': 'gzip' } : {}) });
  const content = readFileSync(sent);
  response.end(isText ? gzipSync(content) : content);
}).listen(Number(port), '127.0.0.1');
