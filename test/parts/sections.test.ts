/** What of a text is kept where parts are absent. */
import { describe, expect, it } from 'vitest';
import { withParts } from '../../src/site/markdown/parts.ts';

const hasAllBut =
  (...absent: readonly string[]) =>
  (part: string): boolean =>
    !absent.includes(part);

const page = `Words{{#vault}} of Vault{{/vault}}{{^vault}} by hand{{/vault}}.

{{#vault}}

## Vault

Its section.

{{/vault}}

| Who                | What             |
| ------------------ | ---------------- |
| you                | read             |
| {{#vault}}Vault    | keeps{{/vault}}  |
| {{^vault}}somebody | writes{{/vault}} |

- one
- {{#vault}}another{{/vault}}

\`\`\`bash
# {{#vault}}
kubectl get pods -n vault
# {{/vault}}
kubectl get pods
\`\`\`
`;

describe('a page', () => {
  it('is whole with the part, without a tag', () => {
    const text = withParts(page, hasAllBut());
    expect(text).toContain('Words of Vault.\n\n\n## Vault\n\nIts section.\n\n\n|');
    expect(text).toContain('| Vault    | keeps  |\n\n- one\n- another\n');
    expect(text).toContain('```bash\nkubectl get pods -n vault\nkubectl get pods\n```');
    expect(text).not.toMatch(/\{\{|by hand|somebody/);
  });

  it('has no word of it without', () => {
    const text = withParts(page, hasAllBut('vault'));
    expect(text).toContain('Words by hand.\n\n\n| Who');
    expect(text).toContain('| you                | read             |\n| somebody | writes |\n\n- one\n\n');
    expect(text).toContain('```bash\nkubectl get pods\n```');
    expect(text).not.toMatch(/\{\{|vault/i);
  });
});

it('one part within another needs both', () => {
  const text = 'a{{#vault}}b{{#cilium}}c{{/cilium}}{{^cilium}}d{{/cilium}}{{/vault}}e';
  expect(withParts(text, hasAllBut())).toBe('abce');
  expect(withParts(text, hasAllBut('cilium'))).toBe('abde');
  expect(withParts(text, hasAllBut('vault'))).toBe('ae');
  expect(withParts(text, hasAllBut('vault', 'cilium'))).toBe('ae');
});

it('tokens, Go templates and empty lines of other kinds stay', () => {
  const text = 'x {{app.name}} {{ .Name }}\n\n|  |\n-\n';
  expect(withParts(text, hasAllBut('vault'))).toBe(text);
  expect(withParts(`${text}{{#vault}}{{/vault}}\n`, hasAllBut('vault'))).toBe(text);
});

it.each([
  ['{{#vault}}a', '{{#vault}}: {{/vault}} is missing.'],
  ['a{{/vault}}{{#vault}}b{{/vault}}', '{{/vault}}: nothing of that name is open here.'],
  ['{{#vault}}{{#cilium}}a{{/vault}}{{/cilium}}', '{{/vault}}: nothing of that name is open here.'],
])('refuses %s', (text, reason) => {
  expect(() => withParts(text, hasAllBut())).toThrow(reason);
});

it('knows the parts of the stack file', () => {
  expect(() => withParts('{{#valt}}a{{/valt}}')).toThrow('valt: no such part in runbooks/stack-type.ts; there are ');
  expect(withParts('a{{#vault}}b{{/vault}}')).toBe('a');
});
