/** The demo cluster as a source: a server of its own, reached through the same client as any cluster. */
import { didYouMean } from '../formats/closest-name.ts';
import { Refusal } from '../formats/refusal.ts';
import { connect, type LiveCluster } from '../cluster/connect.ts';
import { startDemo, type Demo } from '../demo/node/demo.ts';
import { loadFaults, scenarioOf } from '../demo/node/faults.ts';
import { isTrouble, troubles } from '../../packages/apiserver/node/trouble.ts';
import { createProbes } from '../probe/probe.ts';
import { permissions } from '../runbook/permissions.ts';
import { runbooks } from '../../runbooks/index.ts';
import type { OpenOptions, Source } from './source.ts';
import { throughFile } from '../demo/node/temporary.ts';

export const healthy = 'healthy';

export interface StartOptions {
  now?: Date;
  port?: number;
  trouble?: string;
}

/**
 * Starts the demo cluster, healthy or with a fault, and with trouble on the way to it if there is to be some.
 *
 * @throws {Refusal} when there is no such scenario or trouble.
 */
export async function startScenario(scenario: string, { now, port, trouble }: StartOptions = {}): Promise<Demo> {
  const fault = loadFaults().find(({ id }) => id === scenario);
  if (fault === undefined && scenario !== healthy) {
    const known = [healthy, ...loadFaults().map(({ id }) => id)];
    const meant = didYouMean(scenario, known);
    throw new Refusal(
      'usage',
      `The demo cluster has no scenario ${scenario}.`,
      meant === undefined
        ? `The scenarios are: ${known.join(', ')}.`
        : `${meant} To see them all: npm run --silent runbook scenarios`,
    );
  }
  if (trouble !== undefined && !isTrouble(trouble)) {
    const known = Object.keys(troubles).join(', ');
    throw new Refusal('usage', `The demo cluster knows no trouble ${trouble}.`, `The kinds of trouble are: ${known}.`);
  }
  return startDemo({
    readerRules: permissions(runbooks).rules,
    ...(fault === undefined ? {} : { scenario: scenarioOf(fault) }),
    ...(now === undefined ? {} : { now }),
    ...(port === undefined ? {} : { port }),
    ...(trouble === undefined ? {} : { trouble }),
  });
}

export async function openDemo(
  { scenario, trouble }: { scenario: string; trouble?: string },
  { timeoutMs, now }: OpenOptions,
): Promise<Source> {
  const demo = await startScenario(scenario, {
    ...(now === undefined ? {} : { now }),
    ...(trouble === undefined ? {} : { trouble }),
  });
  let cluster: LiveCluster;
  try {
    cluster = connectDemo(demo, timeoutMs);
  } catch (error) {
    await demo.close();
    throw error;
  }
  return {
    cluster: { ...cluster, context: scenario },
    // As patient as with a real network: nobody waits, for no fault of the demo is a silence, and on a busy machine a late answer is none either.
    probes: createProbes({ dial: demo.dial, systemResolver: demo.systemResolver }),
    close: async () => {
      await cluster.close();
      await demo.close();
    },
  };
}

/**
 * As the read-only user, so that a runbook that needs more than `permissions` grants is found out here first.
 *
 * @throws {Refusal} when there is no place for a temporary file.
 */
export const connectDemo = (demo: Demo, timeoutMs: number | undefined): LiveCluster =>
  throughFile(demo.kubeconfig('reader'), (kubeconfig) =>
    connect({ source: 'demo', kubeconfig, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
  );
