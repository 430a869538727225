/**
 * The rules of CoreDNS's plugin rewrite, as its lines say them, and why CoreDNS would refuse one. [CoreDNS 1.12 to 1.14,
 * plugin/rewrite]
 */
import { goRegExp, isRefused, type GoRegExp } from '../go-regexp.ts';
import { normalized, type Directive } from './corefile.ts';

/** Names here are as CoreDNS keeps them: lower case, with the dot at their end. */
export type Rewriter = (name: string) => string;

/** What is done to each record of an answer. */
export interface ResponseRule {
  to: 'name' | 'value';
  rewrite: Rewriter;
}

export interface NameRule {
  kind: 'name';
  directive: Directive;
  match: string;
  goesOn: boolean;
  /** What becomes of a name, and how the answer is put back; undefined when the rule does not match it. */
  apply: (name: string) => { name: string; response: readonly ResponseRule[] } | undefined;
}

interface TypeRule {
  kind: 'type';
  goesOn: boolean;
  from: string;
  to: string;
}

export type Rule =
  | NameRule
  | TypeRule
  /** Rules that change neither name nor type. */
  | { kind: 'other' }
  /** One whose pattern is too large to be tried: nobody can say what it does to a name. */
  | { kind: 'untried'; directive: Directive };

export type ReadRule = Rule | { refused: string };

/** A rule's words: of its line, and of its block where the line has fewer than two [rewriteParse]. */
const wordsOf = ({ args, block }: Directive): readonly string[] =>
  args.length >= 2 ? args : [...args, ...block.flatMap((line) => [line.name, ...line.args])];

/** Whether a pattern may still be tried, or all of them would take too long. */
export type MayTry = (pattern: GoRegExp) => boolean;

export function ruleOf(directive: Directive, mayTry: MayTry): ReadRule {
  const words = wordsOf(directive);
  const refuse = (why: string): ReadRule => ({ refused: `rewrite ${shown(words)}: ${why}.` });
  const mode = words[0]?.toLowerCase() ?? '';
  const hasMode = mode === 'stop' || mode === 'continue';
  const [type = '', ...args] = hasMode ? words.slice(1) : words;
  const goesOn = mode === 'continue';
  switch (type.toLowerCase()) {
    case 'name': {
      const rule = nameRule(directive, args, goesOn, mayTry);
      return 'refused' in rule ? refuse(rule.refused) : rule;
    }
    case 'type':
    case 'class':
      if (args.length !== 2) return refuse(`${type.toLowerCase()} rules must have exactly two arguments`);
      return type.toLowerCase() === 'class'
        ? { kind: 'other' }
        : { kind: 'type', goesOn, from: (args[0] ?? '').toUpperCase(), to: (args[1] ?? '').toUpperCase() };
    case 'edns0':
    case 'ttl':
    case 'cname':
    case 'rcode':
      return { kind: 'other' };
    case 'answer':
      return refuse('response rewrites must begin with a name rule');
    case '':
      return refuse('no rule type specified');
    default:
      return refuse(`invalid rule type “${type}”`);
  }
}

const shown = (words: readonly string[]): string => {
  const line = words.join(' ');
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
};

const matches = ['exact', 'prefix', 'suffix', 'substring', 'regex'];

function nameRule(directive: Directive, args: readonly string[], goesOn: boolean, mayTry: MayTry): ReadRule {
  if (args.length < 2) return { refused: 'too few arguments for a name rule' };
  const [match = '', from = '', to = '', ...more] = args.length === 2 ? ['exact', ...args] : args;
  const how = match.toLowerCase();
  if (!matches.includes(how)) {
    return { refused: `name rule supports only exact, prefix, suffix, substring, and regex, received: ${match}` };
  }
  const answers = answerRules(how, more);
  if ('refused' in answers) return answers;
  const isRegex = how === 'regex';
  // CoreDNS compiles the new name of an exact rule as well, and refuses one that is no pattern.
  const pattern = isRegex ? checked(from, to) : how === 'exact' ? checked(normalized(to), normalized(from)) : undefined;
  if (pattern !== undefined && 'refused' in pattern) return pattern;
  const isTried = pattern === undefined || ('test' in pattern && (!isRegex || mayTry(pattern)));
  if (!isTried || answers.rules === undefined) return { kind: 'untried', directive };
  const { rules, auto } = answers;
  const [start, end] = [normalized(from), normalized(to)];
  const became = (name: string): string | undefined => {
    switch (how) {
      case 'exact':
        return name === start ? end : undefined;
      case 'prefix':
        return name.startsWith(start) ? end + name.slice(start.length) : undefined;
      case 'suffix':
        return name.endsWith(start) ? name.slice(0, name.length - start.length) + end : undefined;
      case 'substring':
        // Every occurrence [strings.ReplaceAll].
        return name.includes(start) ? name.replaceAll(start, () => end) : undefined;
      default:
        return pattern === undefined || !('exec' in pattern) ? undefined : substituted(pattern, end, name);
    }
  };
  const apply: NameRule['apply'] = (name) => {
    const result = became(name);
    if (result === undefined) return undefined;
    // A whole name is put back by itself; for the others CoreDNS has to be told.
    const putsBack = how === 'exact' || auto;
    const back = how === 'suffix' ? suffixBack(end, start) : remap(result, name);
    return { name: result, response: putsBack ? [...both(back), ...rules] : rules };
  };
  return { kind: 'name', directive, match: how, goesOn, apply };
}

const both = (rewrite: Rewriter): readonly ResponseRule[] => [
  { to: 'name', rewrite },
  { to: 'value', rewrite },
];

/** A name, and each below it. */
const remap =
  (from: string, to: string): Rewriter =>
  (name) =>
    name === from ? to : name.endsWith(`.${from}`) ? name.slice(0, name.length - from.length) + to : name;

const suffixBack =
  (from: string, to: string): Rewriter =>
  (name) =>
    name.endsWith(from) ? name.slice(0, name.length - from.length) + to : name;

/** `{0}`, `{1}`, `{10}`: one group after the other, so that what a group brought may hold the next. */
function substituted(pattern: GoRegExp, to: string, name: string): string | undefined {
  return pattern.exec(name)?.reduce((result, group, index) => capped(result.replaceAll(`{${index}}`, () => group)), to);
}

/** A name is no longer than 255 characters; what is longer than a few of them is none, and need not grow. */
const capped = (text: string): string => text.slice(0, 4096);

/** A pattern, whose groups must be as many as its replacement uses. */
function checked(source: string, to: string): GoRegExp | { refused: string } | { untried: true } {
  const pattern = goRegExp(source);
  if (isRefused(pattern)) {
    return pattern.byGo ? { refused: `invalid regex matching pattern: ${pattern.refused}` } : { untried: true };
  }
  const used = Array.from({ length: 101 }, (_, index) => `{${index}}`).filter((group) => to.includes(group)).length;
  return used > pattern.groups ? { refused: `${shown([to])} uses more groups than ${shown([source])} has` } : pattern;
}

/** `answer auto`, `answer name FROM TO`, `answer value FROM TO`; rules are undefined where a pattern is not tried. */
function answerRules(
  match: string,
  args: readonly string[],
): { auto: boolean; rules: readonly ResponseRule[] | undefined } | { refused: string } {
  if (args.length === 0) return { auto: false, rules: [] };
  if (args.length < 2) return { refused: `invalid arguments for ${match} rule` };
  if (args[0] !== 'answer') {
    return { refused: `exceeded the number of arguments for a non-answer rule argument for ${match} rule` };
  }
  let auto = false;
  let isTried = true;
  const rules: ResponseRule[] = [];
  for (let at = 0; at < args.length;) {
    if (args[at] === 'answer') at += 1;
    const kind = args[at];
    at += 1;
    if (kind === 'auto') {
      auto = true;
      continue;
    }
    if (kind === undefined) return { refused: `type missing for answer rule for ${match} rule` };
    if (kind !== 'name' && kind !== 'value') {
      return { refused: `invalid type “${kind}” for answer rule for ${match} rule` };
    }
    const [from, to] = args.slice(at, at + 2);
    at += 2;
    if (from === undefined || to === undefined) {
      return { refused: `${kind} answer rule for ${match} rule: 2 arguments required` };
    }
    const pattern = checked(from, to);
    if ('refused' in pattern) return { refused: `${kind} answer rule for ${match} rule: ${pattern.refused}` };
    if ('untried' in pattern) isTried = false;
    else rules.push({ to: kind, rewrite: (name) => substituted(pattern, normalized(to), name) ?? name });
  }
  if (auto && rules.some(({ to }) => to === 'name')) {
    return { refused: 'answer auto cannot be combined with answer name' };
  }
  return { auto, rules: isTried ? rules : undefined };
}
