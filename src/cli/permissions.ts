/** The command `permissions`: what whoever runs the runbooks has to be granted, as YAML. */
import { InvalidArgumentError, type Command } from 'commander';
import { runbooks } from '../../runbooks/index.ts';
import { enumerated } from '../runbook/bounds.ts';
import { beyondRoles, namespacedPermissions, permissions } from '../runbook/permissions.ts';
import { note } from './ending.ts';

export const permissionsCommand = (command: Command, print: (text: string) => void): Command =>
  command
    .description('the least ClusterRole that the runbooks need, as YAML')
    .option('--namespaces <names>', 'the Roles instead, for some namespaces alone: a,b', namespaceNames)
    .action(async ({ namespaces }: { namespaces?: readonly string[] }) => {
      const { stringify } = await import('yaml');
      const granted = namespaces === undefined ? [permissions(runbooks)] : namespacedPermissions(runbooks, namespaces);
      print(granted.map((role) => stringify(role).trimEnd()).join('\n---\n'));
      if (namespaces === undefined) return;
      note(`No Role grants what has no namespace: ${enumerated(beyondRoles(runbooks))}. What needs it stays unknown.`);
    });

/** `a,b`, each the name of a namespace. */
function namespaceNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const odd = names.find((name) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name));
  if (odd !== undefined) throw new InvalidArgumentError(`${JSON.stringify(odd)} is no name of a namespace.`);
  return [...new Set(names)];
}
