/** As much of Vault's command line as a person needs who finds it sealed: its status, and unsealing it. [Vault 1.20] */
import type { World } from './world.ts';

export interface Printed {
  stdout: string;
  stderr: string;
  exitCode: number;
}

const threshold = 3;

export function vaultCommand(args: readonly string[], world: World): Printed {
  const [one = '', two = '', ...rest] = args;
  if (one === 'status') return status(world);
  if (one === 'operator' && two === 'unseal') {
    if (rest.includes('-reset')) {
      world.change({ vault: { progress: 0 } });
      return status(world, 0);
    }
    const [share = ''] = rest.filter((arg) => !arg.startsWith('-'));
    const isKey = /^([0-9a-f]{2}){16,}$/i.test(share) || /^[A-Za-z0-9+/]{22,}={0,2}$/.test(share);
    if (!isKey) {
      return {
        stdout: '',
        stderr: `Error unsealing: Error making API request.\n\nURL: PUT http://127.0.0.1:8200/v1/sys/unseal\nCode: 400. Errors:\n\n* 'key' must be a valid hex or base64 string\n`,
        exitCode: 2,
      };
    }
    const { sealed, progress } = world.facts.vault;
    if (sealed) {
      const isEnough = progress + 1 >= threshold;
      world.change({ vault: isEnough ? { sealed: false, progress: 0 } : { progress: progress + 1 } });
    }
    return status(world, 0);
  }
  return {
    stdout: '',
    stderr: 'The demo’s vault knows: vault status, vault operator unseal\n',
    exitCode: 127,
  };
}

/** Its exit code says whether it is sealed, but for a command that did what it was told. */
function status({ facts: { vault } }: World, exitCode = vault.sealed ? 2 : 0): Printed {
  const rows: readonly (readonly [string, string])[] = [
    ['Key', 'Value'],
    ['---', '-----'],
    ['Seal Type', 'shamir'],
    ['Initialized', 'true'],
    ['Sealed', String(vault.sealed)],
    ['Total Shares', '5'],
    ['Threshold', String(threshold)],
    ...(vault.sealed ? ([['Unseal Progress', `${vault.progress}/${threshold}`]] as const) : []),
    ['Version', '1.20.4'],
    ['Storage Type', 'raft'],
    ['HA Enabled', 'true'],
  ];
  return { stdout: rows.map(([key, value]) => `${key.padEnd(19)}${value}\n`).join(''), stderr: '', exitCode };
}
