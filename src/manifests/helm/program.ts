/**
 * helm, where somebody has it installed: it renders charts that are at hand, and nothing else.
 *
 * It is started with a list of arguments, in an empty home of its own, without plugins, registries, repositories, a kubeconfig or the
 * environment of whoever asks; what it may need from the network it does not get.
 */
import { spawn } from 'node:child_process';
import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

export interface Helm {
  /** `v3.17.3`. */
  version: string;
  /** @returns what it wrote, or why there is nothing, as it says it. */
  run: (args: readonly string[]) => Promise<Ran>;
}

export type Ran = { ok: true; text: string } | { ok: false; why: string };

export interface Limits {
  milliseconds: number;
  /** Of what it writes. */
  bytes: number;
}

const usual: Limits = { milliseconds: 30_000, bytes: 32 * 1024 * 1024 };

/**
 * The helm that stands first on the PATH and answers; undefined where none does.
 *
 * @param path As the environment has it. Folders that depend on where somebody stands are passed over: a tree that is judged may hold a program
 * of that name.
 */
export async function findHelm(path = process.env['PATH'] ?? '', limits = usual): Promise<Helm | undefined> {
  for (const folder of path.split(delimiter).filter((one) => isAbsolute(one))) {
    const program = join(folder, 'helm');
    if (!(await isProgram(program))) continue;
    const run = (args: readonly string[]): Promise<Ran> => inEmptyHome((home) => start(program, args, home, limits));
    const said = await run(['version', '--template', '{{.Version}}']);
    const [version] = said.ok ? (/v\d+\.\d+\.\d+[\w.+-]*/.exec(said.text) ?? []) : [];
    if (version !== undefined) return { version, run };
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function inEmptyHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'runbook-helm-'));
  try {
    return await use(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** A port that nobody listens on: whoever asks a proxy there is refused at once. */
const nobody = 'http://127.0.0.1:9';

const environmentIn = (home: string): NodeJS.ProcessEnv => ({
  HOME: home,
  TMPDIR: home,
  HELM_CACHE_HOME: join(home, 'cache'),
  HELM_CONFIG_HOME: join(home, 'config'),
  HELM_DATA_HOME: join(home, 'data'),
  HELM_PLUGINS: join(home, 'plugins'),
  HELM_NO_PLUGINS: '1',
  HELM_REGISTRY_CONFIG: join(home, 'registry.json'),
  HELM_REPOSITORY_CACHE: join(home, 'repository'),
  HELM_REPOSITORY_CONFIG: join(home, 'repositories.yaml'),
  KUBECONFIG: join(home, 'kubeconfig'),
  HTTP_PROXY: nobody,
  HTTPS_PROXY: nobody,
  // What templates grow to without end.
  GOMEMLIMIT: '1GiB',
});

function start(program: string, args: readonly string[], home: string, { milliseconds, bytes }: Limits): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: home, env: environmentIn(home), stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let size = 0;
    let ended: string | undefined;
    const end = (why: string): void => {
      ended ??= why;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      end(`helm takes more than ${milliseconds / 1000} s`);
    }, milliseconds);
    for (const [stream, into] of [
      [child.stdout, out],
      [child.stderr, err],
    ] as const) {
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > bytes) end(`helm writes more than ${Math.round(bytes / 1024 / 1024)} MiB`);
        else into.push(chunk);
      });
    }
    const settle = (ran: Ran): void => {
      clearTimeout(timer);
      resolve(ran);
    };
    child.on('error', ({ message }) => {
      settle({ ok: false, why: `helm cannot be started (${message})` });
    });
    child.on('close', (code, signal) => {
      if (ended !== undefined) settle({ ok: false, why: ended });
      else if (code === 0) settle({ ok: true, text: Buffer.concat(out).toString('utf8') });
      else
        settle({
          ok: false,
          why: wordsOf(Buffer.concat(err).toString('utf8'), home) ?? `helm ends with ${signal ?? code ?? 'nothing'}`,
        });
    });
  });
}

/** Its last error in one line, without the folders that it was given. */
function wordsOf(text: string, home: string): string | undefined {
  const [, said] = /^Error: ([^]+)/m.exec(text) ?? [];
  const words = (said ?? text)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('Use --debug'))
    .join(' ')
    .replaceAll(`${home}/`, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return words === '' ? undefined : words.length > 400 ? `${words.slice(0, 399)}…` : words;
}
