/**
 * Corefiles of whoever runs a CoreDNS: how one is judged, and what CoreDNS makes of one that it reads without complaint, or only some of its
 * releases do.
 */
import { deadPatterns, type DeadPattern } from '../../src/formats/corefile/dead-patterns.ts';
import { namedUpstreams, type NamedUpstream } from '../../src/formats/corefile/forward.ts';
import type { Corefile, Directive } from '../../src/formats/corefile/corefile.ts';
import { parseCorefile } from '../../src/formats/corefile/parse.ts';
import { imageBase, imageVersion, type ImageVersion } from '../../src/formats/image-version.ts';
import { nameOf, pass, refOf, skip, type Evidence, type Judgement, type Remedy } from '../../src/runbook/check.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import { finding, type Find } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { known } from '../../src/runbook/told.ts';

type ConfigMap = KubeObject<'ConfigMap'>;
type Deployment = KubeObject<'Deployment'>;

/** A Corefile that was read. */
export interface Configured {
  config: ConfigMap;
  corefile: Corefile;
  /** What else the ConfigMap holds: plugins may read it. */
  files: Readonly<Record<string, string>>;
}

type Judged = Judgement | readonly Judgement[];

/** Judges the Corefile in a ConfigMap, if there is one; `none` says that there is not. */
export function ofCorefile(
  config: ConfigMap | undefined,
  none: string,
  judge: (configured: Configured) => Judged,
): Judged {
  const files = config?.data ?? {};
  const text = files['Corefile'];
  return config === undefined || text === undefined
    ? skip(none)
    : judge({ config, corefile: parseCorefile(text), files });
}

/** A line of a Corefile as it is written. */
export const line = ({ name, args }: Directive): string => [name, ...args].join(' ');

/** What a Corefile shows. */
export const inCorefile = (config: ConfigMap, observed: unknown, expected: unknown): Evidence => ({
  object: refOf(config),
  path: 'data.Corefile',
  observed,
  expected,
});

interface Upstream extends NamedUpstream {
  config: ConfigMap;
}

interface Dead extends DeadPattern {
  config: ConfigMap;
}

/** The first release that takes a name for an upstream [coredns#7923]. */
const takesNames = { minor: 14, patch: 4 };

/** How a component mends its Corefile by hand. */
type Edit = (title: string) => Remedy;

const byAddress =
  (edit: Edit) =>
  ({ name }: Upstream) =>
    [edit(`Write addresses in place of ${name} (a Service’s clusterIP, where it is one).`)] as const;

/** Of upstreams that are names. */
export const upstreamFindings = (edit: Edit) => ({
  asksItself: finding<Upstream>({
    headline: 'CoreDNS of {config} has to ask itself for {name}',
    means:
      'The upstream of a forward is a name that only this CoreDNS answers. Releases before 1.14.4 refuse names; later ones look it up before they answer anything. Neither starts.',
    message: ({ config, name, directive }) =>
      `ConfigMap ${nameOf(config)} has “${line(directive)}”. It names ${name}, which only CoreDNS itself could resolve: it does not start with it.`,
    evidence: ({ config, directive }) => [inCorefile(config, line(directive), 'addresses')],
    remedies: byAddress(edit),
  }),
  refusesNames: finding<Upstream & { version: string }>({
    headline: 'CoreDNS of {config} takes no name for an upstream',
    means: 'The release of CoreDNS that runs takes addresses and files for upstreams, and does not start with a name.',
    message: ({ config, name, directive, version }) =>
      `ConfigMap ${nameOf(config)} has “${line(directive)}”, which names ${name}: CoreDNS ${version} takes addresses only, and names from 1.14.4 on.`,
    evidence: ({ config, directive }) => [inCorefile(config, line(directive), 'addresses')],
    remedies: byAddress(edit),
  }),
  mayRefuseNames: finding<Upstream>({
    headline: 'Not every CoreDNS takes {name} for an upstream',
    means: 'CoreDNS takes names for upstreams from release 1.14.4 on. Which one runs is not told.',
    outcome: 'warned',
    message: ({ config, name, directive }) =>
      `ConfigMap ${nameOf(config)} has “${line(directive)}”, which names ${name}: a CoreDNS before 1.14.4 does not start with it.`,
    evidence: ({ config, directive }) => [inCorefile(config, line(directive), 'addresses, or CoreDNS 1.14.4')],
    remedies: byAddress(edit),
  }),
});

/**
 * Judges the upstreams of a Corefile that are names.
 *
 * @param isRunning Which of the Deployments is the CoreDNS that has it: its release decides, where it is told.
 */
export function judgeUpstreams(
  { config, corefile }: Configured,
  deployments: Fact<readonly Deployment[]>,
  isRunning: (one: Deployment) => boolean,
  find: Find<ReturnType<typeof upstreamFindings>>,
): readonly Judgement[] {
  const runs = corednsVersion(known(deployments.ok ? deployments.value : []).find(isRunning));
  return namedUpstreams(corefile).flatMap((upstream) => {
    const subject = { ...upstream, config };
    if (upstream.isItsOwn) return [find.asksItself(subject)];
    if (runs === undefined) return [find.mayRefuseNames(subject)];
    const { major, minor, patch = 0 } = runs;
    const isNew = major > 1 || minor > takesNames.minor || (minor === takesNames.minor && patch >= takesNames.patch);
    return isNew ? [] : [find.refusesNames({ ...subject, version: `${major}.${minor}.${patch}` })];
  });
}

/** Which CoreDNS a Deployment runs; undefined where that is not told. */
const corednsVersion = (deployment: Deployment | undefined): ImageVersion | undefined =>
  imageVersion(
    deployment?.spec?.template.spec?.containers.find(({ image }) => imageBase(image ?? '') === 'coredns')?.image,
  );

/** Of patterns that no name matches. */
export const patternFindings = (edit: Edit) => ({
  neverMatches: finding<Dead>({
    headline: 'A rule in the Corefile of {config} matches no name',
    means:
      'A Corefile keeps both of two backslashes, so the pattern asks for a backslash in the name. No hostname has one, and the rule never acts.',
    message: ({ config, directive, pattern }) =>
      `The pattern ${pattern} of “${line(directive)}” in ConfigMap ${nameOf(config)} asks for a backslash in the name: no hostname matches it.`,
    evidence: ({ config, pattern, meant }) => [inCorefile(config, pattern, meant)],
    remedies: ({ meant }) => [edit(`Write one backslash in place of two: “${meant}”.`)],
  }),
});

/** Judges the patterns of a Corefile. */
export function judgePatterns(
  { config, corefile }: Configured,
  find: Find<ReturnType<typeof patternFindings>>,
): readonly Judgement[] {
  const dead = deadPatterns(corefile);
  return dead.length === 0
    ? [pass('No rule asks for a backslash in a name.')]
    : dead.map((one) => find.neverMatches({ ...one, config }));
}
