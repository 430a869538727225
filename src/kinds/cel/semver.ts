/**
 * Kubernetes' functions about versions such as `1.2.3-beta.1` [k8s.io/apiserver 0.36, pkg/cel/library/semverlib.go], read as its library
 * reads them [blang/semver v4].
 */
import { celFunc, celMethod, CelScalar, type CelFunc } from '@bufbuild/cel';
import { expectText, opaque, RuleError } from './opaque.ts';

const { BOOL, DYN, INT, STRING } = CelScalar;
export const semverType = 'kubernetes.Semver';

interface Version {
  numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  /** What comes before the release: numbers, and words. */
  before: readonly (bigint | string)[];
}

const fail = (why: string): never => {
  throw new RuleError(why);
};

/** As many parts as wanted, the last with all that is left. */
function split(text: string): readonly string[] {
  const [major = '', minor, ...rest] = text.split('.');
  return [major, ...(minor === undefined ? [] : [minor]), ...(rest.length === 0 ? [] : [rest.join('.')])];
}

function number(text: string, of: string): bigint {
  if (/[^0-9]/.test(text)) return fail(`Invalid character(s) found in ${of.toLowerCase()} ${JSON.stringify(text)}`);
  if (/^0./.test(text)) return fail(`${of} must not contain leading zeroes ${JSON.stringify(text)}`);
  if (text === '') return fail('strconv.ParseUint: parsing "": invalid syntax');
  return BigInt(text) < 2n ** 64n ? BigInt(text) : fail(`strconv.ParseUint: parsing "${text}": value out of range`);
}

function identifier(text: string): bigint | string {
  if (text === '') return fail('Prerelease is empty');
  if (/^[0-9]+$/.test(text)) return number(text, 'Numeric PreRelease version');
  return /^[0-9A-Za-z-]+$/.test(text) ? text : fail(`Invalid character(s) found in prerelease ${JSON.stringify(text)}`);
}

/** A part and what follows its mark; undefined without the mark. */
function cut(text: string, mark: string): readonly [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** What was built of it tells no two versions apart: it is judged, and let go. */
function judgeBuild(build: string | undefined): void {
  for (const part of build?.split('.') ?? []) {
    if (part === '') fail('Build meta data is empty');
    if (!/^[0-9A-Za-z-]+$/.test(part)) fail(`Invalid character(s) found in build meta data ${JSON.stringify(part)}`);
  }
}

/** @throws {RuleError} in the library's words. */
function parse(text: string): Version {
  if (text === '') return fail('Version string empty');
  const [major = '', minor = '', rest] = split(text);
  if (rest === undefined) return fail('No Major.Minor.Patch elements found');
  const [release, build] = cut(rest, '+');
  const [patch, before] = cut(release, '-');
  const version: Version = {
    numbers: [number(major, 'Major number'), number(minor, 'Minor number'), number(patch, 'Patch number')],
    before: before?.split('.').map(identifier) ?? [],
  };
  judgeBuild(build);
  return version;
}

/** Without a `v` before it and zeros before its numbers, and with a zero for each number that it leaves out. */
function normalized(text: string): string {
  const parts = split(text.replace(/^v/, '')).map((part) =>
    part.length > 1 ? part.replace(/^0+/, '').replace(/^(?![0-9])/, '0') : part,
  );
  const isShort = parts.length < 3;
  if (isShort && /[+-]/.test(parts.at(-1) ?? '')) {
    return fail('short version cannot contain PreRelease/Build meta data');
  }
  return [...parts, '0', '0'].slice(0, 3).join('.');
}

const made = ({ numbers, before }: Version): ReturnType<typeof opaque> =>
  opaque(semverType, `${numbers.join('.')}${before.length === 0 ? '' : `-${before.join('.')}`}`);

const read = (text: string, isTolerant: boolean): Version => parse(isTolerant ? normalized(text) : text);

function isVersion(text: string, isTolerant: boolean): boolean {
  try {
    read(text, isTolerant);
    return true;
  } catch {
    return false;
  }
}

function compareParts(one: bigint | string, other: bigint | string): number {
  if (typeof one !== typeof other) return typeof one === 'bigint' ? -1 : 1;
  return one === other ? 0 : one > other ? 1 : -1;
}

/** -1, 0 or 1; texts of versions that `semver()` made. */
export function compareVersions(text: string, otherText: string): number {
  const [one, other] = [parse(text), parse(otherText)];
  const byNumber = one.numbers
    .map((part, index) => compareParts(part, other.numbers[index] ?? 0n))
    .find((order) => order !== 0);
  if (byNumber !== undefined) return byNumber;
  // What is released is later than all that came before it.
  if (one.before.length === 0 || other.before.length === 0) {
    return Math.sign(other.before.length - one.before.length);
  }
  const byWord = one.before
    .map((part, index) => compareParts(part, other.before[index] ?? part))
    .find((order) => order !== 0);
  return byWord ?? Math.sign(one.before.length - other.before.length);
}

const component = (name: string, index: 0 | 1 | 2): CelFunc =>
  celMethod(name, DYN, [], INT, function () {
    return BigInt.asIntN(64, parse(expectText(this, semverType)).numbers[index]);
  });

export const semverFunctions: readonly CelFunc[] = [
  celFunc('isSemver', [STRING], BOOL, (text) => isVersion(text, false)),
  celFunc('isSemver', [STRING, BOOL], BOOL, isVersion),
  celFunc('semver', [STRING], DYN, (text) => made(read(text, false))),
  celFunc('semver', [STRING, BOOL], DYN, (text, isTolerant) => made(read(text, isTolerant))),
  component('major', 0),
  component('minor', 1),
  component('patch', 2),
];
