/** What a page says to do has no flag of the terminal in it. */
import { describe, expect, it } from 'vitest';
import { chooseTarget, loadKubeconfig } from '../../../src/cluster/kubeconfig.ts';
import { checkUser } from '../../../src/cluster/target-checks.ts';
import { Refusal } from '../../../src/formats/refusal.ts';
import { pageHint } from '../../../src/server/api/page-hints.ts';

const config = {
  origin: 'a file',
  currentContext: undefined,
  contexts: new Map(),
  clusters: new Map(),
  users: new Map(),
};
const home = new Map([['home', { cluster: 'c', user: 'u' }]]);
const clusters = new Map([['c', { server: 'https://127.0.0.1:1' }]]);

describe('the hint of a refusal on a page', () => {
  it.each([
    ['no kubeconfig', () => loadKubeconfig({ env: {}, home: '/nowhere', serviceAccount: '/nowhere' })],
    ['a kubeconfig that is gone', () => loadKubeconfig({ env: { KUBECONFIG: '/nowhere/x' } })],
    ['no current context', () => chooseTarget({ ...config, contexts: home })],
    ['a context that is gone', () => chooseTarget(config, 'home')],
    ['a context without its cluster', () => chooseTarget({ ...config, contexts: home }, 'home')],
    ['a context without its user', () => chooseTarget({ ...config, contexts: home, clusters }, 'home')],
    ['a user of an old kind', () => checkUser('a file', 'u', { 'auth-provider': { name: 'gcp' } })],
  ])('%s', (_, refused) => {
    let refusal: unknown;
    try {
      refused();
    } catch (error) {
      refusal = error;
    }
    if (!(refusal instanceof Refusal)) throw new Error('It was not refused.');
    expect(refusal.hint).toMatch(/--[a-z]/);
    expect(pageHint(refusal)).toMatch(/^[A-Z].*\.$/);
    expect(pageHint(refusal)).not.toMatch(/--[a-z]|npm run/);
  });
});
