/**
 * Kubeconfig files in a directory of their own, which goes when the test has ended.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';

export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'handbook-cluster-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function write(directory: string, name: string, content: string): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with one context, `home`. */
export const kubeconfig = (cluster: object, user: object = {}, name = 'home'): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: `${name}-cluster`, user: `${name}-user` } }],
    clusters: [{ name: `${name}-cluster`, cluster }],
    users: [{ name: `${name}-user`, user }],
  });
