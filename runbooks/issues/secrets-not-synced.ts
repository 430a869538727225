import { defineRunbook } from '../../src/runbook/runbook.ts';
import { othersSynced, synced } from '../components/external-secrets/sync.ts';

export const secretsNotSynced = defineRunbook({
  id: 'secrets-not-synced',
  title: 'Secrets are not synced',
  summary:
    'Finds out why a credential from Vault does not arrive in its Secret: Vault itself, the store, External Secrets, or the one ExternalSecret.',
  checks: [synced, othersSynced],
});
