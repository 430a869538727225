/** Vault's command line in the demo: what it prints, and what it does. */
import { stack } from '#stack';
import { soundWorld } from '../../src/demo/sound-world.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { vaultCommand, type Printed } from '../../src/demo/exec/vault.ts';
import { World } from '../../src/demo/world.ts';

let world = new World(soundWorld(stack));

beforeEach(() => {
  world = new World(soundWorld(stack));
});

const vault = (command: string): Printed => vaultCommand(command.split(' '), world);
const share = 'a1'.repeat(32);

describe('a seal', () => {
  beforeEach(() => world.change({ vault: { sealed: true } }));

  it('shows in the status, and in its exit code', () => {
    expect(vault('status')).toEqual({
      exitCode: 2,
      stderr: '',
      stdout: `Key                     Value
---                     -----
Seal Type               shamir
Initialized             true
Sealed                  true
Total Shares            5
Threshold               3
Unseal Progress         0/3
Unseal Nonce            n/a
Version                 1.20.4
Storage Type            raft
Removed From Cluster    false
HA Enabled              true
`,
    });
  });

  it('opens with three shares, however often one looks in between', () => {
    const first = vault(`operator unseal ${share}`);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(/^Unseal Progress +1\/3$/m);
    expect(vault('status').exitCode).toBe(2);
    vault(`operator unseal ${share}`);
    const { stdout, exitCode } = vault(`operator unseal ${share}`);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Sealed +false$/m);
    expect(stdout).toMatch(/^HA Mode +active$/m);
    expect(world.facts.vault).toMatchObject({ sealed: false, progress: 0 });
    expect(vault('status').exitCode).toBe(0);
  });

  it('takes nothing that is no key, and can be begun again', () => {
    expect(vault('operator unseal hello')).toEqual({
      stdout: '',
      exitCode: 2,
      stderr: `Error unsealing: Error making API request.\n\nURL: PUT http://127.0.0.1:8200/v1/sys/unseal\nCode: 400. Errors:\n\n* 'key' must be a valid hex or base64 string\n`,
    });
    vault(`operator unseal ${share}`);
    vault('operator unseal -reset');
    expect(world.facts.vault).toMatchObject({ sealed: true, progress: 0 });
  });

  it('keeps everything from everybody', () => {
    const { exitCode, stderr } = vault('kv get -mount=secret cloudflare/cert-manager');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Code: 503. Errors:\n\n* Vault is sealed');
  });
});

describe('an open Vault', () => {
  it('prints the properties of an entry, and no value', () => {
    expect(vault('kv get -mount=secret tailscale/operator-oauth').stdout).toBe(`============ Secret Path ============
secret/data/tailscale/operator-oauth

======= Metadata =======
Key                Value
---                -----
created_time       2026-08-19T09:12:44.218391Z
custom_metadata    <nil>
deletion_time      n/a
destroyed          false
version            1

======== Data ========
Key              Value
---              -----
client_id        demo
client_secret    demo
`);
    expect(vault('kv get secret/cloudflare/cert-manager').stdout).toContain('api-token    demo');
    expect(vault('kv get -mount=secret no/such')).toMatchObject({
      exitCode: 2,
      stderr: 'No value found at secret/data/no/such\n',
    });
  });

  it('lists, writes and deletes entries', () => {
    expect(vault('kv list -mount=secret cloudflare').stdout).toBe('Keys\n----\ncert-manager\nexternal-dns\n');
    expect(vault('kv list -mount=secret /').stdout).toBe('Keys\n----\ncloudflare/\ntailscale/\n');
    vault('kv put -mount=secret cloudflare/new api-token=a=b other=c');
    expect(world.facts.vault.holds['cloudflare/new']).toEqual(['api-token', 'other']);
    vault('kv delete -mount=secret cloudflare/new');
    expect(world.facts.vault.holds).not.toHaveProperty(['cloudflare/new']);
    expect(vault('kv put -mount=secret cloudflare/new nothing').exitCode).toBe(1);
  });

  it('shows and changes a role, and keeps what is not named', () => {
    expect(vault('read auth/kubernetes/role/external-secrets').stdout).toContain(
      'bound_service_account_namespaces    [external-secrets]\n',
    );
    expect(vault('write auth/kubernetes/role/external-secrets token_policies=default,other').stdout).toBe(
      'Success! Data written to: auth/kubernetes/role/external-secrets\n',
    );
    expect(world.facts.vault.roles['external-secrets']).toEqual({
      names: ['external-secrets'],
      namespaces: ['external-secrets'],
      policies: ['default', 'other'],
    });
    expect(vault('read auth/kubernetes/role/no')).toMatchObject({ exitCode: 2 });
    expect(vault('write auth/kubernetes/role/new token_policies=default').stderr).toContain(
      '"bound_service_account_names" can not be empty',
    );
  });

  it('says what it knows', () => {
    expect(vault('policy list').stderr).toContain('vault status, operator unseal, kv get');
  });
});
