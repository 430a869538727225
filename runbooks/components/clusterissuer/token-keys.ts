/** The token with which an issuer proves the domain: whether its Secret holds it under the key that the issuer asks for. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import type { Reference } from '../../../src/kinds/references.ts';
import { nameOf, refOf, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type FoundOutcome } from '../../../src/runbook/finding.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import type { ExternalSecret } from '../../models/external-secrets.ts';
import { troubleQuote, type Trouble } from '../../models/issuance.ts';
import { issuerName, type AnyIssuer } from '../../models/issuers.ts';
import { setField } from '../../models/patches.ts';
import { fieldOf } from '../../models/references.ts';

/** A token that an issuer wants, and the Secret where cert-manager looks for it. */
export interface Token {
  issuer: AnyIssuer;
  ref: Reference;
  secret: { namespace: string; name: string };
}

/** One whose Secret is written, without the key that the issuer asks for. */
interface Keyless extends Token {
  writer: ExternalSecret;
  keys: readonly string[];
  complaint: Trouble | undefined;
}

export const disturbs = 'Nothing: cert-manager tries the Challenge again by itself.';

export const otherKey = finding<Keyless>({
  headline: 'Issuer {issuer} asks for a key that {writer} does not write',
  means: 'The Secret with the DNS-01 token is written, and the token stands in it under another key.',
  outcome: ({ complaint }): FoundOutcome => (complaint === undefined ? 'warned' : 'failed'),
  message: (subject) => {
    const { issuer, ref, secret, writer, keys } = subject;
    const near = likelyKey(subject);
    const hint = near === undefined || keys.length < 2 ? '' : `; ${near} is most likely meant`;
    return `${issuerName(issuer)} asks for key ${ref.key} of Secret ${nameOf({ metadata: secret })}, and ExternalSecret ${writer.metadata.name} writes ${keys.join(', ') || 'none'}${hint}.`;
  },
  quote: ({ complaint }) => complaint && troubleQuote(complaint),
  evidence: ({ issuer, ref, writer, keys }) => [
    {
      object: refOf(issuer),
      path: fieldOf(ref, 'key'),
      observed: ref.key,
      expected: keys.join(' or ') || 'a key that is written',
    },
    { object: refOf(writer), path: 'spec.data[*].secretKey', observed: keys, expected: `among them ${ref.key}` },
  ],
  remedies: (subject) => {
    const [first, ...others] = [...rename(subject), ...byLikelihood(subject).map((key) => askFor(subject, key))];
    return first === undefined ? [addKey(subject)] : [first, ...others];
  },
});

/** The key that the issuer most likely means: the only one that is written, or one that is called nearly so. */
const likelyKey = ({ ref, keys }: Keyless): string | undefined =>
  keys.length === 1 ? keys[0] : likeliest(ref.key ?? '', keys);

function byLikelihood(subject: Keyless): readonly string[] {
  const near = likelyKey(subject);
  return near === undefined ? subject.keys : [near, ...subject.keys.filter((key) => key !== near)];
}

/** Others may read the Secret, too: only the key that is meant is called otherwise. */
function rename(subject: Keyless): readonly Remedy[] {
  const { ref, writer } = subject;
  const near = likelyKey(subject);
  const at = (writer.spec.data ?? []).findIndex(({ secretKey }) => secretKey === near);
  if (near === undefined || at === -1) return [];
  const title = `Let the ExternalSecret write key ${ref.key} in place of ${near}.`;
  return [{ title, ...setField(writer, `spec.data[${at}].secretKey`, ref.key), disturbs }];
}

const askFor = ({ issuer, ref }: Keyless, key: string): Remedy => ({
  title: `Let the issuer ask for key ${key}.`,
  ...setField(issuer, fieldOf(ref, 'key'), key),
  disturbs,
});

const addKey = ({ ref, writer }: Keyless): Remedy => ({
  title: `Let the ExternalSecret write key ${ref.key}.`,
  commands: [sh`kubectl edit externalsecret ${place(writer.metadata)}`],
  disturbs,
});
