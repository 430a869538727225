/**
 * The Gateway and the domain that a run names, put into the stack before anything is made of it: whatever is imported after this speaks of
 * them, in what it asks, says and prints. So this imports nothing that takes names from the stack.
 */
import { parseArgs } from 'node:util';
import { stack } from '#stack';
import { renamed, type Naming } from '../../runbooks/stack-naming.ts';
import { stackTroubles } from '../../runbooks/stack-troubles.ts';
import type { Named } from '../../runbooks/stack-type.ts';
import { pastedHostname } from '../formats/hostname.ts';
import { Refusal } from '../formats/refusal.ts';

/**
 * Names the stack as the words of a command say.
 *
 * @returns what they name.
 * @throws {Refusal} when they name what no cluster could have.
 */
export function nameStack(words: readonly string[]): Naming {
  // Not strict: what else there is, is for the program to judge.
  const { values } = parseArgs({
    args: [...words],
    options: { gateway: { type: 'string' }, domain: { type: 'string' } },
    strict: false,
  });
  const naming: Naming = {
    ...(typeof values.gateway === 'string' ? { gateway: gatewayIn(values.gateway) } : {}),
    ...(typeof values.domain === 'string' ? { domain: domainIn(values.domain) } : {}),
  };
  Object.assign(stack, renamed(stack, naming));
  return naming;
}

/** @throws {Refusal} when it is no namespace and name. */
export function gatewayIn(text: string): Named {
  const [namespace = '', name = '', ...more] = text.split('/');
  const isWhole = more.length === 0 && namespace !== '' && name !== '';
  const gateway = { ...stack.gateway, namespace, name };
  if (!isWhole || stackTroubles({ ...stack, gateway }).length > 0) {
    throw new Refusal(
      'usage',
      `--gateway takes the namespace and the name of a Gateway, and ${JSON.stringify(text)} is none.`,
      `Write it as in --gateway ${stack.gateway.namespace}/${stack.gateway.name}. To see which there are: kubectl get gateway -A`,
    );
  }
  return { namespace, name };
}

/** @throws {Refusal} when it is no domain. */
export function domainIn(text: string): string {
  const domain = pastedHostname(text);
  const [trouble] = stackTroubles(renamed(stack, { domain }));
  if (trouble !== undefined) {
    throw new Refusal(
      'usage',
      `--domain takes the zone whose hostnames the Gateway serves, and ${JSON.stringify(text)} is none: ${trouble}`,
      `Write it as in --domain ${stack.domain}.`,
    );
  }
  return domain;
}
