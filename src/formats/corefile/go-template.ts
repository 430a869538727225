/**
 * As much of Go's text/template as answers of CoreDNS's plugin template are written in: fields of the question, groups of the
 * match, `index` and `parseInt`. [CoreDNS 1.12 to 1.14]
 */
export interface TemplateData {
  Name: string;
  Zone: string;
  Class: string;
  Type: string;
  Regex: string;
  Match: readonly string[];
  Group: Readonly<Record<string, string>>;
}

export type Executed =
  | { kind: 'text'; text: string }
  /** Go stops at it when the question comes. */
  | { kind: 'failed' }
  /** More than is known here: conditions, functions, what only a running server knows. */
  | { kind: 'unknown' };

const unknown: Executed = { kind: 'unknown' };
const failed: Executed = { kind: 'failed' };
const text = (value: string): Executed => ({ kind: 'text', text: value });

export function execute(template: string, data: TemplateData): Executed {
  const parts: string[] = [];
  let rest = template;
  for (let open = rest.indexOf('{{'); open !== -1; open = rest.indexOf('{{')) {
    const close = rest.indexOf('}}', open);
    if (close === -1) return failed;
    const action = rest.slice(open + 2, close);
    const before = rest.slice(0, open);
    parts.push(action.startsWith('- ') ? before.trimEnd() : before);
    const value = evaluate(action.replace(/^- | -$/g, '').trim(), data);
    if (value.kind !== 'text') return value;
    parts.push(value.text);
    rest = action.endsWith(' -') ? rest.slice(close + 2).trimStart() : rest.slice(close + 2);
  }
  return text([...parts, rest].join(''));
}

function evaluate(action: string, data: TemplateData): Executed {
  const words = action.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const [first = '', ...args] = words;
  if (words.length === 1) return value(first, data);
  if (first === 'index' && args.length === 2) return indexed(args[0] ?? '', args[1] ?? '', data);
  if (first === 'parseInt' && args.length === 3) return parsed(args, data);
  return unknown;
}

function value(word: string, data: TemplateData): Executed {
  const group = /^\.Group\.(\w+)$/.exec(word)?.[1];
  if (group !== undefined) return text(groupOf(data, group));
  if (word.startsWith('"')) return text(word.slice(1, -1));
  switch (word) {
    case '.Name':
    case '.Zone':
    case '.Class':
    case '.Type':
    case '.Regex':
      return text(data[word.slice(1) as 'Name']);
    default:
      return unknown;
  }
}

/** What a map of Go's has no entry for prints so. */
const groupOf = ({ Group }: TemplateData, name: string): string =>
  Object.hasOwn(Group, name) ? (Group[name] ?? '') : '<no value>';

function indexed(of: string, key: string, data: TemplateData): Executed {
  if (of === '.Match' && /^\d+$/.test(key)) {
    const found = data.Match[Number(key)];
    return found === undefined ? failed : text(found);
  }
  // Unlike a field, an index that is not there is empty.
  if (of === '.Group' && key.startsWith('"')) {
    return text(Object.hasOwn(data.Group, key.slice(1, -1)) ? (data.Group[key.slice(1, -1)] ?? '') : '');
  }
  return unknown;
}

/** `parseInt TEXT BASE BITS`, an unsigned number [strconv.ParseUint]. */
function parsed([from = '', base = '', bits = '']: readonly string[], data: TemplateData): Executed {
  const digits = value(from, data);
  if (digits.kind !== 'text' || !/^\d+$/.test(base) || !/^\d+$/.test(bits)) return unknown;
  const radix = Number(base);
  if (radix < 2 || radix > 36) return unknown;
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, radix);
  const isNumber =
    digits.text !== '' && Array.from(digits.text.toLowerCase()).every((digit) => alphabet.includes(digit));
  const number = Number.parseInt(digits.text, radix);
  return isNumber && number < 2 ** Math.min(53, Number(bits) || 53) ? text(String(number)) : failed;
}
