/** The server as a read asks it, and what may come back in place of what was asked for. */
import { problem, type Fact } from '../runbook/fact.ts';
import { shorten } from '../runbook/words.ts';
import type { Errand } from './errand.ts';
import type { Answer } from './http.ts';
import type { Request } from './paths.ts';
import type { Proof } from './proof.ts';

/** The server, as one errand asks it. */
export interface Server {
  /** The answer holds at most `limit` bytes, as many as a page may when left out. */
  ask: (request: Request, limit?: number) => Promise<Fact<Answer>>;
  proof: Proof;
  errand: Errand;
}

/** The server does not serve the kind in this version. */
export type UnknownKind = 'unknown-kind';

export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

/** An answer to another question: a proxy that caches or mixes answers up. */
export const other = (got: string, wanted: string): Fact<never> =>
  problem('malformed', `the server answered with ${shorten(got, 200)}, not ${shorten(wanted, 200)}`);
