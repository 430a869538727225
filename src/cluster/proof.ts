/**
 * Whether what answers is a Kubernetes API server at all. Only of one that is can it be said that it does not have a kind: "404
 * page not found" is what a real server says of an unknown API group, and also what any program written in Go says of anything.
 *
 * It is proved by what other programs do not say: an object or a list of the kind that was asked for, the version of Kubernetes,
 * or a Status that refuses somebody or names an object. A Status that only says "not found" is no proof, for proxies that speak
 * for many clusters (Teleport, for one) answer so for a cluster that they do not know.
 */
import { z } from 'zod';
import type { Fact } from '../runbook/fact.ts';
import { parseAs } from './answer.ts';
import type { Errand } from './errand.ts';
import type { Answer } from './http.ts';

/** What is asked when nothing else has proved it. */
export type AskVersion = (errand: Errand) => Promise<Fact<string>>;

export class Proof {
  readonly #askVersion: AskVersion;
  #isGiven = false;

  constructor(askVersion: AskVersion) {
    this.#askVersion = askVersion;
  }

  #given(): boolean {
    return this.#isGiven;
  }

  /** An answer held what only the API holds. */
  give(): void {
    this.#isGiven = true;
  }

  /** Looks whether an answer that is not a success is one that only the API gives. */
  see(answer: Answer): void {
    if (!this.#given() && isOwnStatus(answer)) this.give();
  }

  /** Undefined when the server has proved itself; else what came back instead, as a phrase. */
  async missing(errand: Errand): Promise<string | undefined> {
    if (this.#given()) return undefined;
    const version = await this.#askVersion(errand);
    // Another read may have proved it meanwhile, or the refusal of this one.
    return version.ok || this.#given() ? undefined : `asked for /version: ${version.problem.message}`;
  }
}

const statusSchema = z.object({
  kind: z.literal('Status'),
  apiVersion: z.literal('v1'),
  status: z.literal('Failure'),
  code: z.number(),
  reason: z.string().nullish(),
  details: z.object({ name: z.string().nullish(), kind: z.string().nullish() }).nullish(),
});

function isOwnStatus(answer: Answer): boolean {
  if (answer.status !== 403 && answer.status !== 404) return false;
  const status = parseAs(statusSchema, answer);
  if (status?.code !== answer.status) return false;
  return answer.status === 403 ? status.reason === 'Forbidden' : Boolean(status.details?.name && status.details.kind);
}
