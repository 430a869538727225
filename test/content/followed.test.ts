/**
 * Tutorials and how-tos, followed to the letter: what their blocks of code say is typed into a shell, in order, in a folder with the manifests of
 * this clone, against a demo cluster that each page has for itself. What no test can run stands in `not-here.ts`; whatever else a page says
 * is run, and has to work.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { permissions } from '../../src/runbook/permissions.ts';
import { runbooks } from '../../runbooks/index.ts';
import { startDemo } from '../../src/demo/node/demo.ts';
import { execsSince, presentKubectl, withKubectl } from '../support/find-kubectl.ts';
import { pageFiles, textOf } from '../site/pages.ts';
import { notHere } from './not-here.ts';
import { stepsOf, type Step } from './page-commands.ts';

/** What a shell says of one command. */
interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

type Command = Step & { does: 'run' };

const pages = pageFiles
  .filter((file) => /^content\/(?:tutorials|how-to)\//.test(file))
  .toSorted()
  .map((file) => ({ name: basename(file, '.md'), steps: stepsOf(textOf(file)) }));
type Page = (typeof pages)[number];

const commandsOf = ({ steps }: Page): readonly Command[] => steps.filter((step) => step.does === 'run');
const reasonAgainst = (command: string): string | undefined => notHere.find(([pattern]) => pattern.test(command))?.[1];

/** The kubectl of this machine, if it speaks as the demo cluster does. */
const present = presentKubectl();
const kubectl = present !== undefined && present.minor >= execsSince ? present : undefined;

/** What a command needs of this machine that is not there, in words. */
function lackOf(command: string): string | undefined {
  if (/\bkubectl\b/.test(command) && kubectl === undefined) return `kubectl 1.${execsSince} or newer`;
  // Whoever has adopted the handbook may have manifests elsewhere; the page about a new app writes its own.
  const [, manifests] = / (infrastructure|apps)(?!\/photos)\b/.exec(command) ?? [];
  if (manifests !== undefined && !existsSync(manifests)) return manifests;
  const isMissing = /\bjq\b/.test(command) && spawnSync('sh', ['-c', 'command -v jq']).status !== 0;
  return isMissing ? 'jq' : undefined;
}

/** What ends otherwise than with 0, and what is printed then or anyway. */
const expected: readonly (readonly [command: RegExp, { code?: number; stdout?: RegExp }])[] = [
  [/ --demo operator-crash-loop$/, { code: 1, stdout: /ROOT CAUSE {2}The Tailscale Operator starts and ends again/ }],
  [/^echo \$\?$/, { stdout: /^1\n$/ }],
  [/ run --manifests /, { code: 2, stdout: /^Nothing failed/m }],
  [/ --trouble expired-token$/, { code: 2 }],
  [/ run .*--all$| run --all --(kubeconfig|cluster-only)/, { stdout: /Nothing failed \(exit code 0\)\n$/ }],
  [/ demo (controller-scaled-down|dns-not-split)$/, { stdout: /until you press Ctrl\+C/ }],
  [/ run --all -o json \| jq/, { stdout: /^gateway-not-programmed passed $/m }],
  [/^kubectl get httproute -A -o json \| jq/, { stdout: /: expose=absent\n$/ }],
  // grep finds nothing: no node has other settings.
  [/^kubectl get ciliumnodeconfigs /, { code: 1 }],
  [/^kubectl get endpointslices -n photos /, { stdout: /^photos-\S+ +IPv4 +3000 +10\./m }],
  [/^kubectl logs /, { stdout: /./ }],
  [/^kubectl auth can-i --list$/, { stdout: /pods/ }],
  [/ vault status$/, { stdout: /^Sealed +false$/m }],
  [/ nslookup /, { stdout: /^Address: 10\./m }],
  [/ cilium-dbg status /, { stdout: /^ +Status: +True\n[\s\S]*^ +Socket LB Coverage: +Hostns-only$/m }],
];
const expectationOf = (command: string): { code?: number; stdout?: RegExp } =>
  expected.find(([pattern]) => pattern.test(command))?.[1] ?? {};

/** A page's folder, kubeconfigs and what its commands said, by their place among the steps. */
interface Followed {
  folder: string;
  said: ReadonlyMap<number, Said>;
}

const followed = new Map<string, Followed>();

/**
 * What stands for npm: the script that package.json names, without the second that npm takes to start. A run against a cluster asks its API only,
 * for probes would ask the internet for the names of the stack; one that serves is stopped when it has said how to reach it.
 */
const program = packageJson.scripts.runbook.replace(
  /^node (\S+)$/,
  (_, file: string) => `${process.execPath} ${resolve(file)}`,
);

const npm = `program='${program}'
npm() {
  [ "$1 $2 $3 $4" = 'run --silent runbook --' ] || { echo "no such script: $*" >&2; return 127; }
  shift 4
  case "$1 $*" in
    demo*) serve "$@" ;;
    *--demo*|*--snapshot*|*--manifests*) runbook "$@" ;;
    run*|snapshot*) runbook "$@" --cluster-only ;;
    *) runbook "$@" ;;
  esac
}
serve() {
  $program "$@" > "$SAID/served" &
  local tries=0
  until grep -q Ctrl+C "$SAID/served" || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done
  kill -INT $!
  wait $!
  local code=$?
  cat "$SAID/served"
  return $code
}
runbook() { $program "$@"; }
`;

/** What "Expose an app" takes for granted: the app runs in its namespace. */
const photos = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'photos', namespace: 'photos' },
  spec: {
    selector: { matchLabels: { 'app.kubernetes.io/name': 'photos' } },
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': 'photos' } },
      spec: { containers: [{ name: 'photos', image: 'photos:1', ports: [{ containerPort: 3000 }] }] },
    },
  },
};

/** What is done beside a page, after one of its commands. */
const beside: Readonly<Record<string, string>> = {
  'kubectl create namespace photos': `{ kubectl create -f - <<< '${JSON.stringify(photos)}'; kubectl rollout status -n photos deployment/photos; } > /dev/null`,
};

/** A page as a script: each command says what it says into files, and finds the exit code of the one before. */
function scriptOf({ steps }: Page): string {
  const lines = steps.map((step, index) => {
    if (step.does === 'show') return '';
    if (step.does === 'write') {
      const quoted = step.content.replaceAll("'", "'\\''");
      return `mkdir -p "$(dirname '${step.file}')"\nprintf %s '${quoted}' > '${step.file}'`;
    }
    if (reasonAgainst(step.command) !== undefined || lackOf(step.command) !== undefined) return '';
    return `(exit $code)\n{ ${step.command}\n} > "$SAID/${index}.out" 2> "$SAID/${index}.err" < /dev/null\ncode=$?; echo $code > "$SAID/${index}.code"\n${beside[step.command] ?? ''}`;
  });
  return [npm, 'code=0', ...lines].join('\n');
}

async function follow(page: Page): Promise<Followed> {
  const place = mkdtempSync(join(tmpdir(), `followed-${page.name}-`));
  const [folder, home, notes] = [join(place, 'handbook'), join(place, 'home'), join(place, 'said')];
  for (const one of [folder, join(home, '.kube'), notes]) mkdirSync(one, { recursive: true });
  for (const part of ['infrastructure', 'apps', '.gitignore'])
    if (existsSync(part)) cpSync(part, join(folder, part), { recursive: true });
  const git = (...args: readonly string[]): void => void spawnSync('git', args, { cwd: folder });
  git('init', '--quiet');
  git('add', '--all');
  const demo = await startDemo({ readerRules: permissions(runbooks).rules });
  // The same cluster by the names that pages have for it.
  const contexts = ['demo', 'home'].map((name) => `  - { name: ${name}, context: { cluster: demo, user: admin } }\n`);
  const config = demo
    .kubeconfig('admin')
    .replace(/contexts:\n[\s\S]*$/, `contexts:\n${contexts.join('')}current-context: demo\n`);
  for (const file of ['config', 'home.yaml']) writeFileSync(join(home, '.kube', file), config, { mode: 0o600 });
  try {
    await bash(scriptOf(page), folder, { HOME: home, SAID: notes, GITHUB_STEP_SUMMARY: join(place, 'summary') });
  } finally {
    await demo.close();
  }
  const text = (index: number, what: string): string => readFileSync(join(notes, `${index}.${what}`), 'utf8');
  const said = page.steps.flatMap((_, index): readonly (readonly [number, Said])[] =>
    existsSync(join(notes, `${index}.code`))
      ? [[index, { code: Number(text(index, 'code')), stdout: text(index, 'out'), stderr: text(index, 'err') }]]
      : [],
  );
  return { folder, said: new Map(said) };
}

/** The demo is in this process: nothing may wait for the shell idly. */
function bash(script: string, cwd: string, env: Record<string, string>): Promise<void> {
  const { PATH } = kubectl === undefined ? process.env : withKubectl(kubectl);
  const child = spawn('bash', ['-s'], {
    cwd,
    env: { PATH, ...env },
    stdio: ['pipe', 'inherit', 'inherit'],
    timeout: 90_000,
  });
  child.stdin.end(script);
  return new Promise((done, failed) => child.on('error', failed).on('close', () => done()));
}

beforeAll(async () => {
  const waiting = [...pages];
  const one = async (): Promise<void> => {
    for (let page = waiting.shift(); page !== undefined; page = waiting.shift())
      followed.set(page.name, await follow(page));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, one));
}, 240_000);

afterAll(() => {
  for (const { folder } of followed.values()) rmSync(resolve(folder, '..'), { recursive: true });
});

describe.each(pages)('$name', (page) => {
  const found = (): Followed => followed.get(page.name) ?? { folder: '', said: new Map() };
  const all = page.steps.map((step, index) => ({ step, index, shown: page.steps[index + 1] }));
  const commands = all.flatMap(({ step, index, shown }) =>
    step.does === 'run' ? [{ command: step.command, index, shown }] : [],
  );

  for (const { command, index, shown } of commands) {
    const lack = lackOf(command);
    if (reasonAgainst(command) !== undefined) continue;
    test.skipIf(lack !== undefined)(`${command}${lack === undefined ? '' : ` (${lack} is missing)`}`, () => {
      const said = found().said.get(index);
      const { code = 0, stdout = /^/ } = expectationOf(command);
      expect(said?.code, said?.stderr).toBe(code);
      expect(said?.stdout).toMatch(stdout);
      if (/^kubectl /.test(command)) expect(said?.stderr).not.toMatch(/^Warning: /m);
      if (shown?.does === 'show') expect(said?.stdout.trimEnd()).toBe(shown.output);
    });
  }

  test.skipIf(spawnSync('git', ['--version']).error !== undefined)(
    'leaves nothing in the clone that git would take',
    () => {
      const { folder } = found();
      const { stdout } = spawnSync('git', ['ls-files', '--others', '--exclude-standard'], {
        cwd: folder,
        encoding: 'utf8',
      });
      const meant = page.steps.flatMap((step) => (step.does === 'write' ? [step.file] : []));
      expect(stdout.split('\n').filter((file) => file !== '' && !meant.includes(file) && file !== kept)).toEqual([]);
    },
  );
});

/** What a page says to keep beside the manifests. */
const kept = 'definitions.yaml';

test('each reason not to run a command is still needed', () => {
  const commands = pages.flatMap(commandsOf).map(({ command }) => command);
  expect(notHere.filter(([pattern]) => !commands.some((command) => pattern.test(command)))).toEqual([]);
});
