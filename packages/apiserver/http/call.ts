import type { Kinds } from '../../../src/kinds/kind.ts';
import type { User } from '../access/rbac.ts';
import type { Tokens } from '../access/tokens.ts';
import type { State } from '../state/state.ts';
import type { ApiRequest } from './exchange.ts';

/** A request, and all that an answer is made of. */
export interface Call {
  state: State;
  /** The kinds that are served. */
  kinds: () => Kinds;
  users: readonly User[];
  tokens: Tokens;
  /** How many there have been. */
  requests: () => number;
  request: ApiRequest;
}
