/**
 * Label selectors (equality and set-based) and field selectors, as `kubectl -l` and `--field-selector` take them.
 */
import { strings, text } from '../fields.ts';
import type { StoredObject } from '../objects.ts';
import type { Resource } from '../resources.ts';
import { badRequest, type StatusError } from './statuses.ts';

export type Matcher = (object: StoredObject) => boolean;

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

/** @throws StatusError 400 when the selector cannot be parsed. */
export function labelSelector(selector: string): Matcher {
  const tests = new LabelParser(selector).parse();
  return ({ metadata }) => tests.every((test) => test(strings(metadata, 'labels')));
}

const operators = ['=', '!=', '==', 'in', 'notin'];
const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Word by word and in the words of apimachinery 1.36, labels/selector.go. */
class LabelParser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(selector: string) {
    this.#tokens = selector.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  }

  parse(): readonly LabelTest[] {
    const tests: LabelTest[] = [];
    while (this.#next !== '') {
      if (!isWord(this.#next) && this.#next !== '!') {
        throw badRequest(`found '${this.#next}', expected: !, identifier, or 'end of string'`);
      }
      tests.push(this.#requirement());
      const separator = this.#take();
      if (separator === '') break;
      if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      if (!isWord(this.#next) && this.#next !== '!') {
        throw badRequest(`found '${this.#next}', expected: identifier after ','`);
      }
    }
    return tests;
  }

  get #next(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #take(): string {
    const token = this.#next;
    this.#position += 1;
    return token;
  }

  #requirement(): LabelTest {
    const isAbsence = this.#next === '!';
    if (isAbsence) this.#take();
    const key = this.#take();
    if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
    checkKey(key);
    if (isAbsence) return (labels) => labels[key] === undefined;
    if (this.#next === '' || this.#next === ',') return (labels) => labels[key] !== undefined;
    const operator = this.#take();
    switch (operator) {
      case '=':
      case '==':
      case '!=': {
        const wanted = this.#value(key);
        return (labels) => (labels[key] === wanted) === (operator !== '!=');
      }
      case 'in':
      case 'notin': {
        const wanted = this.#values(key);
        return (labels) => {
          const value = labels[key];
          return (value !== undefined && wanted.has(value)) === (operator === 'in');
        };
      }
      case '<':
      case '>': {
        const wanted = this.#value(key);
        if (!/^-?\d+$/.test(wanted)) {
          throw unparsable(
            `values[0]: Invalid value: ${JSON.stringify(wanted)}: for 'Gt', 'Lt' operators, the value must be an integer`,
          );
        }
        return (labels) => {
          const value = labels[key] ?? '';
          return (
            /^-?\d+$/.test(value) &&
            (operator === '>' ? Number(value) > Number(wanted) : Number(value) < Number(wanted))
          );
        };
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

  #values(key: string): ReadonlySet<string> {
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
    return new Set(values);
  }
}

const isWord = (token: string): boolean => /^[^=!(),<>]+$/.test(token);

const unparsable = (problem: string): StatusError => badRequest(`unable to parse requirement: ${problem}`);

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

/** @throws StatusError 400 when a field is not one that the kind can be selected by. */
export function fieldSelector(selector: string, resource: Resource): Matcher {
  const selectable = [
    'metadata.name',
    ...(resource.namespaced ? ['metadata.namespace'] : []),
    ...resource.selectableFields,
  ];
  const tests = selector
    .split(',')
    .filter((requirement) => requirement.trim() !== '')
    .map((requirement): Matcher => {
      const [, field = '', operator = '', value = ''] = /^([^=!]+)(!=|==?)(.*)$/.exec(requirement.trim()) ?? [];
      if (operator === '') throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`);
      if (!selectable.includes(field)) throw badRequest(unselectable(field, resource));
      return (object) => (fieldValue(object, field) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

/** Kinds with fields of their own to select by say it in another way than the rest. */
const unselectable = (field: string, { custom, selectableFields }: Resource): string =>
  custom || selectableFields.length > 0
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

/** A field that a boolean's zero value hides reads as that zero value; events.k8s.io has names of its own for an Event's. */
function fieldValue(object: StoredObject, field: string): string {
  if (field === 'source') return text(object, 'source', 'component') || text(object, 'reportingComponent');
  const stored = field
    .replace(/^regarding\./, 'involvedObject.')
    .replace(/^reportingController$/, 'reportingComponent');
  const value = text(object, ...stored.split('.'));
  return value === '' && (field === 'spec.unschedulable' || field === 'spec.hostNetwork') ? 'false' : value;
}

/** The name that a request asks for by field selector; authorization treats it like a name in the path. */
export const selectedName = (selector: string): string => /(?:^|,)metadata\.name==?([^,]+)/.exec(selector)?.[1] ?? '';
