/** Label selectors as text, word by word and in the words of apimachinery 1.36, labels/selector.go. */
import { meets, type Labels, type Requirement } from './label-selector.ts';

/** The requirements of a selector such as `a=b,c in (x,y),!d`; one that is refused says why, in the API server's words. */
export function parseSelector(selector: string): readonly Requirement[] | { refused: string } {
  try {
    return new Parser(selector).parse();
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    throw error;
  }
}

/** Whether labels, or annotations, meet a selector written as text; one that is refused takes nothing. */
export function textSelects(selector: string, labels: Labels | undefined): boolean {
  const parsed = parseSelector(selector);
  return !('refused' in parsed) && parsed.every((requirement) => meets(requirement, labels ?? {}));
}

class Refused extends Error {}

const operators = ['=', '!=', '==', 'in', 'notin'];
const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

class Parser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(selector: string) {
    this.#tokens = selector.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  }

  parse(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (this.#next !== '') {
      if (!isWord(this.#next) && this.#next !== '!') {
        throw new Refused(`found '${this.#next}', expected: !, identifier, or 'end of string'`);
      }
      found.push(this.#requirement());
      const separator = this.#take();
      if (separator === '') break;
      if (separator !== ',') throw new Refused(`found '${separator}', expected: ',' or 'end of string'`);
      if (!isWord(this.#next) && this.#next !== '!') {
        throw new Refused(`found '${this.#next}', expected: identifier after ','`);
      }
    }
    return found;
  }

  get #next(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #take(): string {
    const token = this.#next;
    this.#position += 1;
    return token;
  }

  #requirement(): Requirement {
    const isAbsence = this.#next === '!';
    if (isAbsence) this.#take();
    const key = this.#take();
    if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
    checkKey(key);
    if (isAbsence) return { key, operator: 'DoesNotExist', values: [] };
    if (this.#next === '' || this.#next === ',') return { key, operator: 'Exists', values: [] };
    const operator = this.#take();
    switch (operator) {
      case '=':
      case '==':
      case '!=':
        return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [this.#value(key)] };
      case 'in':
      case 'notin':
        return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: this.#values(key) };
      case '<':
      case '>': {
        const wanted = this.#value(key);
        if (!/^-?\d+$/.test(wanted)) {
          throw unparsable(
            `values[0]: Invalid value: ${JSON.stringify(wanted)}: for 'Gt', 'Lt' operators, the value must be an integer`,
          );
        }
        return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: [wanted] };
      }
      default:
        throw unparsable(`found '${operator}', expected: ${operators.join(', ')}, gt, lt`);
    }
  }

  #value(key: string): string {
    if (this.#next === '' || this.#next === ',') return '';
    const value = this.#take();
    if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`);
    checkValue(key, value, 0);
    return value;
  }

  #values(key: string): readonly string[] {
    const opening = this.#take();
    if (opening !== '(') throw unparsable(`found '${opening}' expected: '('`);
    const values: string[] = [''];
    for (let token = this.#take(); token !== ')'; token = this.#take()) {
      if (token === ',') values.push('');
      else if (!isWord(token)) throw unparsable(`found '${token}', expected: ',', or identifier`);
      else if (values.at(-1) !== '') throw unparsable(`found '${token}', expected: ',' or ')'`);
      else if (this.#next !== ',' && this.#next !== ')')
        throw unparsable(`found '${this.#next}', expected: ',' or ')'`);
      else values[values.length - 1] = token;
    }
    values.forEach((value, index) => checkValue(key, value, index));
    return values;
  }
}

const isWord = (token: string): boolean => /^[^=!(),<>]+$/.test(token);

const unparsable = (problem: string): Refused => new Refused(`unable to parse requirement: ${problem}`);

const nameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const prefixRule =
  "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function checkKey(key: string): void {
  const [prefix, last = prefix ?? ''] = key.split(/\/(.*)/s);
  const hasPrefix = key.includes('/');
  const problem = hasPrefix && !subdomain.test(prefix ?? '') ? prefixRule : name.test(last) ? undefined : nameRule;
  // A key has no path of its own, and Go writes that out.
  if (problem !== undefined) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problem}`);
}

function checkValue(key: string, value: string, index: number): void {
  if (value === '' || name.test(value)) return;
  throw unparsable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${valueRule}`);
}
