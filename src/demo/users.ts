/** Whom the demo cluster knows: who may do everything, who may read what a runbook asks for, and who may do nothing. */
import { createAdmin, createUser, type PolicyRule, type User } from '../../packages/apiserver/access/rbac.ts';

export type UserName = 'admin' | 'reader' | 'nobody';

/** The users of one demo, with tokens of their own. */
export const createUsers = (readerRules: readonly PolicyRule[]): Readonly<Record<UserName, User>> => ({
  admin: createAdmin(),
  reader: createUser('reader', [], readerRules),
  nobody: createUser('nobody', []),
});
