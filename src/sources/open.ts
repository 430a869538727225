/**
 * Opens whatever a person chose to ask: a live cluster, the demo cluster, a snapshot, or manifests. The one place that knows
 * all of them.
 *
 * What takes long to load is loaded only when it is chosen.
 */
import { Refusal } from '../formats/refusal.ts';
import { text } from 'node:stream/consumers';
import type { LiveCluster } from '../cluster/connect.ts';
import { openSnapshot } from '../runbook/snapshot.ts';
import { stack } from '#stack';
import { namespacesOf, withinNamespaces } from './within.ts';
import type { Choice, ClusterChoice, OpenOptions, Source } from './source.ts';

/**
 * @throws {Refusal} when what is chosen cannot be opened, or there is no such context, scenario or trouble.
 */
export async function openSource(choice: Choice, options: OpenOptions = {}): Promise<Source> {
  switch (choice.source) {
    case 'live': {
      const [{ createProbes }, { isThisMachine }, { identityLines }] = await Promise.all([
        import('../probe/probe.ts'),
        import('../probe/address.ts'),
        import('../cluster/identity.ts'),
      ]);
      const cluster = await connectTo(choice, options);
      return {
        cluster: withinNamespaces(cluster, namespacesOf(stack)),
        probes: createProbes({ allowLoopback: isThisMachine(cluster.server) }),
        identity: identityLines(cluster.identity),
        close: () => cluster.close(),
      };
    }
    case 'demo': {
      const { openDemo } = await import('./demo.ts');
      return openDemo(choice, options);
    }
    case 'snapshot': {
      const { readSnapshot } = await import('./snapshot.ts');
      const opened = openSnapshot(await readSnapshot(choice.file));
      return { ...opened, close: () => Promise.resolve() };
    }
    case 'manifests': {
      const { openManifests } = await import('./manifests.ts');
      const { places, exclude = [], crds, cluster } = choice;
      const { signal } = options;
      const piped = places.includes('-') ? { piped: await text(process.stdin) } : {};
      if (cluster === undefined) return openManifests(places, { exclude, crds, ...piped });
      const asked = await connectTo(cluster, options);
      try {
        return await openManifests(places, { exclude, crds, ...piped, cluster: asked, signal });
      } finally {
        await asked.close();
      }
    }
  }
}

async function connectTo({ kubeconfig, context }: ClusterChoice, { timeoutMs }: OpenOptions): Promise<LiveCluster> {
  const { connect } = await import('../cluster/connect.ts');
  try {
    return connect({
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { message, hint, code } = error;
    // A context that somebody named is their mistake; one that the kubeconfig names is the kubeconfig's.
    const isNamed = code === 'unknown-context' && context !== undefined;
    throw isNamed ? new Refusal('usage', message, hint, { cause: error, code }) : error;
  }
}
