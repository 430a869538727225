/**
 * The practice cluster: one demo cluster that lives as long as the dev server, is broken by a click and mended with kubectl. It starts
 * when it is first used. Whoever practises writes to it alone, in this process's memory.
 */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Demo } from '../../demo/node/demo.ts';
import { loadFaults } from '../../demo/node/faults.ts';
import type { Fault } from '../../demo/fault.ts';
import type { TroubleKind } from '../../../packages/apiserver/node/trouble.ts';
import type { Outcome } from '../../runbook/report.ts';
import type { Source } from '../../sources/source.ts';
import { remove, temporaryFolder } from '../../demo/node/temporary.ts';
import type { PracticeState } from './messages.ts';

interface Running {
  demo: Demo;
  folder: string;
  /** The person's own, who may do everything; the runbooks have another. */
  kubeconfig: string;
}

export class Practice {
  #running: Running | undefined;
  #fault: Fault | undefined;
  #isSecret = false;
  #isMended = false;
  /** Whether the fault's own runbook has found nothing wrong since the cluster started with it. */
  #isWell = false;
  #trouble: TroubleKind | null = null;
  #starts = 0;
  /** One deed after the other. */
  #last: Promise<unknown> = Promise.resolve();

  state(): PracticeState {
    return {
      version: this.#running === undefined ? null : `${this.#starts}.${this.#running.demo.changes()}`,
      broken: this.#broken(),
      trouble: this.#trouble,
      command: this.#running === undefined ? null : `export KUBECONFIG=${this.#running.kubeconfig}`,
    };
  }

  /** Starts over with a fault, or with none. */
  break(fault: Fault | undefined, { isSecret = false } = {}): Promise<void> {
    return this.#next(async () => {
      this.#fault = fault;
      this.#isSecret = isSecret;
      this.#isMended = false;
      this.#isWell = false;
      if (fault === undefined) this.#trouble = null;
      await this.#start();
    });
  }

  /** Starts over with a fault that it does not tell, and another one than before. */
  surprise(): Promise<void> {
    const others = loadFaults().filter(({ id }) => id !== this.#fault?.id);
    return this.break(others[randomInt(others.length)], { isSecret: true });
  }

  reveal(): void {
    this.#isSecret = false;
  }

  /** Does what somebody would do outside the cluster. */
  mend(): Promise<void> {
    return this.#next(() => {
      if (this.#fault?.mend === undefined || this.#isSecret) return;
      this.#running?.demo.mendWorld(this.#fault.world);
      this.#isMended = true;
    });
  }

  makeTrouble(kind: TroubleKind | null): Promise<void> {
    return this.#next(async () => {
      const { demo } = await this.#open();
      await demo.trouble(kind);
      this.#trouble = kind;
    });
  }

  /**
   * Takes note of a run's outcome. When the fault's own runbook finds nothing wrong, it is mended, and no secret any more.
   *
   * @param start Of which start the cluster was that it looked at, as `starts` told.
   */
  judged(runbook: string, outcome: Outcome, start: number): void {
    if (start !== this.#starts || runbook !== this.#fault?.runbook || outcome === 'unknown') return;
    this.#isWell = outcome === 'passed' || outcome === 'warned';
    if (this.#isWell) this.#isSecret = false;
  }

  /** How often the cluster has been started. */
  get starts(): number {
    return this.#starts;
  }

  /** As the runbooks see it. */
  async source(): Promise<Source> {
    const [{ connectDemo }, { createProbes }] = await Promise.all([
      import('../../sources/demo.ts'),
      import('../../probe/probe.ts'),
    ]);
    const { demo } = await this.#next(() => this.#open());
    const cluster = connectDemo(demo, patienceMs);
    return {
      cluster: { ...cluster, context: 'practice' },
      probes: createProbes({ dial: demo.dial, systemResolver: demo.systemResolver, timeoutMs: 1000 }),
      close: () => cluster.close(),
    };
  }

  close(): Promise<void> {
    return this.#next(async () => {
      const running = this.#running;
      this.#running = undefined;
      if (running === undefined) return;
      await running.demo.close();
      remove(running.folder);
    });
  }

  #next<T>(deed: () => T | Promise<T>): Promise<T> {
    const mine = this.#last.then(deed);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  #broken(): PracticeState['broken'] {
    if (this.#fault === undefined) return null;
    if (this.#isSecret) return 'secret';
    const { id, title, runbook, mend = null } = this.#fault;
    return { id, title, runbook, mend, isMended: this.#isMended, isWell: this.#isWell };
  }

  async #open(): Promise<Running> {
    return this.#running ?? this.#start();
  }

  async #start(): Promise<Running> {
    const { healthy, startScenario } = await import('../../sources/demo.ts');
    const before = this.#running;
    // The same address and files again: a terminal that follows it need not be told.
    const port = before === undefined ? undefined : Number(new URL(before.demo.server).port);
    await before?.demo.close();
    const demo = await startScenario(this.#fault?.id ?? healthy, {
      ...(port === undefined ? {} : { port }),
      ...(this.#trouble === null ? {} : { trouble: this.#trouble }),
    });
    const folder = before?.folder ?? temporaryFolder();
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, demo.kubeconfig('admin'), { mode: 0o600 });
    this.#starts += 1;
    this.#running = { demo, folder, kubeconfig };
    return this.#running;
  }
}

/** How long a request may take: whoever makes trouble on purpose does not want to wait long for what comes of it. */
const patienceMs = 3000;
