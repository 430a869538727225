/** What a page has its reader run that no test can: a closed list, each with its reason. */
export const notHere: readonly (readonly [command: RegExp, because: string])[] = [
  [
    /^(git clone|cd handbook|npm ci && npm start)/,
    'this clone is one; test/server starts the handbook, test/browser uses it',
  ],
  [/^(KUBECONFIG=\S+ npm start$|npm start -- )/, 'it serves until it is stopped; test/server starts it'],
  [/^npm (test|run (build|record|diagrams))$/, 'it is what runs this, or takes as long'],
  [/^npx vitest /, 'it is among the tests'],
  [/^npm run adopt -- /, 'it asks about a cluster or a folder of the reader’s own; test/cli/adopt.test.ts answers it'],
  [/^helm /, 'it needs Helm, and charts from the internet'],
  [/^(kubeadm init|k3s server) /, 'it makes a cluster of this machine'],
  [/^cilium /, 'it needs the Cilium CLI; the same with kubectl stands beside it'],
  [/^ip6?tables-save /, 'it changes the rules of this machine'],
  [/^dig /, 'it asks name servers of the tailnet and of the internet'],
  [/^(curl|openssl) /, 'it opens a connection to the tailnet or to the internet'],
  [/^kubectl run dns-check /, 'the demo cluster attaches nobody to a container'],
  [/^kubectl delete (daemonset|configmap) -n kube-system kube-proxy$/, 'the demo cluster has no kube-proxy to remove'],
  [/wrangler -- /, 'it needs an account at Cloudflare; test/site/hosting asks the emulator'],
  [/^docker /, 'it needs Docker'],
  [/^cosign /, 'it needs cosign, and an image that is published'],
  [/^git (tag|push) /, 'it makes a release'],
  [/apps\/docs\/mirror\.ts /, 'it needs what a build has made; test/site/hosting runs it'],
];
