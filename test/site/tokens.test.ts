/** Stack tokens: what they become, and what an unknown one says. */
import { markdownToHtml } from 'satteri';
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { recordedFailures } from '../../src/site/markdown/failures.ts';
import { stackTokens } from '../../src/site/markdown/stack-tokens.ts';
import { replaceTokens, replaceTokensDeep } from '../../src/site/markdown/tokens.ts';

const names = { domain: 'a.example', app: { hostname: 'docs.a.example', port: 80 } };

describe('replaceTokens', () => {
  it('puts in strings and numbers by their path', () => {
    expect(replaceTokens('https://{{app.hostname}}:{{app.port}}', names)).toBe('https://docs.a.example:80');
  });

  it('escapes for a regular expression', () => {
    expect(replaceTokens('(.*)\\.{{domain|regex}}', names)).toBe('(.*)\\.a\\.example');
  });

  it('takes the first label of a hostname', () => {
    expect(replaceTokens('{{app.hostname|label}} {{domain|label}}', names)).toBe('docs a');
  });

  it('leaves Go templates alone', () => {
    expect(replaceTokens('{{ .Name }} {{.Values.x}}', names)).toBe('{{ .Name }} {{.Values.x}}');
  });

  it.each([
    ['{{app.nme}}', 'no such name in runbooks/stack.ts; app has hostname, port.'],
    ['{{apps}}', 'no such name in runbooks/stack.ts; the stack has domain, app.'],
    ['{{app}}', 'names a group, not a name; it has app.hostname, app.port. See runbooks/stack.ts.'],
    ['{{domain|shout}}', 'there is no filter "shout"; there is label, regex.'],
    ['{{constructor.name}}', 'no such name in runbooks/stack.ts; the stack has domain, app.'],
  ])('refuses %s', (token, reason) => {
    expect(() => replaceTokens(token, names)).toThrow(`${token}: ${reason}`);
  });

  it('reaches into frontmatter and keeps what is not text', () => {
    const date = new Date(0);
    expect(replaceTokensDeep({ title: '{{domain}}', order: 1, list: ['{{domain}}'], date })).toEqual({
      title: stack.domain,
      order: 1,
      list: [stack.domain],
      date,
    });
  });
});

describe('the Markdown plugin', () => {
  const render = async (source: string): Promise<string> => {
    const { html } = await markdownToHtml(source, {
      mdastPlugins: [stackTokens],
      fileURL: new URL(`file://${process.cwd()}/content/page.md`),
    });
    return html;
  };

  it('covers headings, text, inline code, fences, tables, links and HTML', async () => {
    const html = await render(
      [
        '## For {{domain}}',
        'Text {{domain}}, `code {{domain}}`, [link {{domain}}](https://{{domain}}/x), [ref][r].',
        '```yaml\nname: {{domain}}\n```',
        '| a |\n| --- |\n| `{{domain\\|regex}}` |',
        '<p title="{{domain}}">html</p>',
        '[r]: https://{{domain}}/ref',
      ].join('\n\n'),
    );
    expect(html).not.toContain('{{');
    expect(html).toContain(`href="https://${stack.domain}/x"`);
    expect(html).toContain(`href="https://${stack.domain}/ref"`);
    expect(html).toContain(`title="${stack.domain}"`);
    expect(html).toContain(stack.domain.replaceAll('.', '\\.'));
    expect(html.split(stack.domain).length - 1).toBeGreaterThanOrEqual(8);
  });

  it('records the file, the line and the token when it names nothing', async () => {
    await render('first line\n\nthe {{gatway.name}} here');
    expect(recordedFailures().map(({ where, message }) => `${where} ${message}`)).toContainEqual(
      expect.stringMatching(
        /^content\/page\.md:3 \{\{gatway\.name\}\}: no such name in runbooks\/stack\.ts; the stack has /,
      ),
    );
  });

  it('records a token that a table cut in two', async () => {
    await render('| a | b |\n| --- | --- |\n| {{domain|regex}} | x |');
    expect(recordedFailures().map(({ message }) => message)).toContainEqual(
      expect.stringContaining('unfinished token'),
    );
  });
});
