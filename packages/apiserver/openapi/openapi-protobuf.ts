/**
 * Writes an OpenAPI v2 document as gnostic's protobuf, which kubectl 1.20 asks for and takes nothing else in place of. Only what a
 * client of Kubernetes reads is written: definitions, and the parameters and kinds of paths.
 *
 * Field numbers: OpenAPIv2.proto of github.com/google/gnostic-models v0.6.
 */
import { joined, toBytes } from '../bytes/utf8.ts';
import { at, fieldsOf, list, text, type Fields } from '../objects/fields.ts';

type Part = Uint8Array | readonly Part[];

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

const join = (part: Part): Uint8Array => (part instanceof Uint8Array ? part : joined(part.map(join)));

/** A field that is a message or text: its number and wire type 2, its length, its content. Text that is not there is not written. */
function field(number: number, content: Part | string): Part {
  if (content === '') return [];
  const bytes = typeof content === 'string' ? toBytes(content) : join(content);
  return [varint(number * 8 + 2), varint(bytes.length), bytes];
}

/** A map, as gnostic has it: a list of pairs. */
const named = (number: number, entries: Fields, encode: (value: unknown) => Part): Part =>
  Object.entries(entries).map(([name, value]) => field(number, [field(1, name), field(2, encode(value))]));

/** Whatever else there may be, as YAML; JSON is YAML. */
const anything = (value: unknown): Part => field(2, JSON.stringify(value));

const extensions = (number: number, value: unknown): Part =>
  named(
    number,
    Object.fromEntries(Object.entries(fieldsOf(value)).filter(([name]) => name.startsWith('x-'))),
    anything,
  );

const texts = (number: number, values: readonly unknown[]): Part => values.map((value) => field(number, String(value)));

function schema(value: unknown): Part {
  const [items, additional, properties] = [
    at(value, 'items'),
    at(value, 'additionalProperties'),
    at(value, 'properties'),
  ];
  return [
    field(1, text(value, '$ref')),
    field(2, text(value, 'format')),
    field(4, text(value, 'description')),
    texts(19, list(value, 'required')),
    list(value, 'enum').map((entry) => field(20, anything(entry))),
    additional === undefined ? [] : field(21, field(1, schema(additional))),
    text(value, 'type') === '' ? [] : field(22, field(1, text(value, 'type'))),
    items === undefined ? [] : field(23, field(1, schema(items))),
    properties === undefined ? [] : field(25, named(1, fieldsOf(properties), schema)),
    extensions(31, value),
  ];
}

/** A parameter of the query; there are no others here. */
const parameter = (value: unknown): Part =>
  field(
    1,
    field(2, field(3, [field(2, text(value, 'in')), field(4, text(value, 'name')), field(6, text(value, 'type'))])),
  );

const operation = (value: unknown): Part => [
  texts(7, list(value, 'consumes')),
  list(value, 'parameters').map((entry) => field(8, parameter(entry))),
  extensions(13, value),
];

/** In `PathItem`. */
const methods: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

const pathItem = (value: unknown): Part =>
  Object.entries(methods).map(([method, number]) => {
    const found = at(value, method);
    return found === undefined ? [] : field(number, operation(found));
  });

/** The document as a message `openapi.v2.Document`. */
export const encodeOpenApi = (document: Fields): Uint8Array =>
  join([
    field(1, text(document, 'swagger')),
    field(2, [field(1, text(document, 'info', 'title')), field(2, text(document, 'info', 'version'))]),
    field(8, named(2, fieldsOf(document, 'paths'), pathItem)),
    field(9, named(1, fieldsOf(document, 'definitions'), schema)),
  ]);
