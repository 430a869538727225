/** What there is to ask: the contexts of the kubeconfig, the demo cluster's scenarios, and what the practice cluster may be made of. */
import { runbooks } from '../../../runbooks/index.ts';
import { troubles, type TroubleKind } from '../../../packages/apiserver/node/trouble.ts';
import { loadFaults } from '../../demo/node/faults.ts';
import { Refusal } from '../../formats/refusal.ts';
import type { PracticeChoices, Sources } from './messages.ts';

/** As given to the dev server; the usual rules apply when left out. */
export interface KubeconfigOptions {
  kubeconfig?: string;
  context?: string;
}

export async function listSources({ kubeconfig, context }: KubeconfigOptions): Promise<Sources> {
  const demo = [
    { value: 'demo:healthy', label: 'Nothing is broken', runbook: null },
    ...loadFaults().map(({ id, title, runbook }) => ({ value: `demo:${id}`, label: title, runbook })),
  ];
  const practice = practiceChoices();
  const { chooseTarget, listContexts, loadKubeconfig } = await import('../../cluster/kubeconfig.ts');
  const explicit = kubeconfig !== undefined || context !== undefined;
  const options = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  let live: Sources['live'] = [];
  try {
    live = listContexts(options).map(({ name, server, user, current }) => ({
      value: `live:${name}`,
      label: name,
      detail: `${server ?? 'no server'} as ${user === '' ? 'nobody in particular' : user}`,
      current,
    }));
    chooseTarget(loadKubeconfig(options), context);
    return { live, demo, practice, withheld: 0, problem: null, explicit };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { live, demo, practice, withheld: 0, problem: { message: error.message, hint: error.hint }, explicit };
  }
}

const practiceChoices = (): PracticeChoices => ({
  faults: runbooks.map(({ id, title, page }) => ({
    runbook: id,
    title,
    page,
    faults: loadFaults()
      .filter((fault) => fault.runbook === id)
      .map((fault) => ({ id: fault.id, title: fault.title })),
  })),
  troubles: (Object.keys(troubles) as TroubleKind[]).map((kind) => ({ kind, title: troubles[kind] })),
});
