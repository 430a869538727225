/** An assistant: the protocol's own client, and the program as a process of its own. */
import { Client, type ClientOptions, type RequestOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ownEnvironment, startRunbook, type Started } from './terminal.ts';

export interface ToolAnswer {
  text: string;
  structured: Record<string, unknown>;
  isError: boolean;
  /** Everything that a model may be shown. */
  whole: string;
}

export interface Assistant {
  client: Client;
  call: (name: string, given?: Record<string, unknown>, options?: RequestOptions) => Promise<ToolAnswer>;
  /** What the program has said to people. */
  said: () => string;
  /** What is in its folder for temporary files. */
  left: () => readonly string[];
  close: () => Promise<void>;
}

export async function assistant(
  args: readonly string[],
  { env = {}, cwd, ...options }: ClientOptions & { env?: Record<string, string>; cwd?: string } = {},
): Promise<Assistant> {
  const home = mkdtempSync(join(tmpdir(), 'assistant-test-'));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [resolve('src/cli/main.ts'), 'mcp', ...args],
    env: { ...ownEnvironment, HOME: home, TMPDIR: home, ...env },
    stderr: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
  });
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client({ name: 'test', version: '1' }, options);
  await client.connect(transport);
  return {
    client,
    call: async (name, given = {}, request) => {
      const answer = await client.callTool({ name, arguments: given }, request);
      const content = answer.content as readonly { type: string; text?: string }[];
      return {
        text: content.map(({ text = '' }) => text).join('\n'),
        structured: (answer.structuredContent ?? {}) as Record<string, unknown>,
        isError: answer.isError === true,
        whole: JSON.stringify(answer),
      };
    },
    said: () => said,
    left: () => readdirSync(home),
    close: () => client.close(),
  };
}

/** The program spoken to line by line. */
export interface Spoken extends Started {
  send: (message: unknown) => void;
  sendText: (text: string | Buffer) => void;
  /** The answer to a request, by its id. */
  answerTo: (id: number | string) => Promise<Record<string, unknown>>;
}

export function speak(args: readonly string[], options: Parameters<typeof startRunbook>[1] = {}): Spoken {
  const started = startRunbook(['mcp', ...args], options);
  const { child, said } = started;
  const sendText = (text: string | Buffer): void => void child.stdin?.write(text);
  const answers = (): readonly Record<string, unknown>[] =>
    said()
      .stdout.split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    ...started,
    sendText,
    send: (message) => sendText(`${JSON.stringify({ jsonrpc: '2.0', ...(message as object) })}\n`),
    answerTo: async (id) => {
      for (;;) {
        const found = answers().find((answer) => answer['id'] === id);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`It ended without an answer to ${id}: ${said().stderr}`);
        await new Promise((resume) => setTimeout(resume, 20));
      }
    },
  };
}

/** The opening of a conversation, as a client of a protocol version begins it. */
export const opening = (protocolVersion: string) => ({
  id: 'opening',
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});
