/**
 * Reads what kubectl sends as protobuf whatever it is told: reviews (`auth`), and the objects of `create`. Answers may be JSON, so
 * nothing here writes. The envelope is Kubernetes' own ("k8s\0" and runtime.Unknown); `protobuf-messages.ts` has the field numbers.
 */
import { toBase64 } from '../bytes/base64.ts';
import { toText } from '../bytes/utf8.ts';
import { fieldsOf, isFields, type Fields } from '../objects/fields.ts';
import { timestamp } from '../objects/object.ts';
import { messageTable } from './protobuf-messages.ts';

interface Field {
  name: string;
  /** `text`, `int`, `bool`, `bytes`, or a message's name. */
  type: string;
  isMany: boolean;
  isMap: boolean;
  isInline: boolean;
  /** Go writes the zero value of a field that nobody set. */
  isZeroUnset: boolean;
}

type Message = ReadonlyMap<number, Field>;

let known: ReadonlyMap<string, Message> | undefined;

function messages(): ReadonlyMap<string, Message> {
  known ??= new Map(
    messageTable
      .split('\n')
      .filter((line) => /^\w+:/.test(line))
      .map((line) => {
        const [name = '', fields = ''] = line.split(/:\s*/, 2);
        return [name, new Map(fields.split(', ').filter(Boolean).map(parseField))];
      }),
  );
  return known;
}

/** `3 command*`, `8 resources ResourceRequirements!`, `11 labels{}` */
function parseField(written: string): readonly [number, Field] {
  const [number = '', name = '', ...rest] = written.replace('!', '').split(' ');
  const type = rest.at(-1) ?? 'text';
  return [
    Number(number),
    {
      name: name.replace(/[*{}]/g, ''),
      type,
      isMany: name.endsWith('*'),
      isMap: name.endsWith('{}'),
      isInline: rest.length > 1,
      isZeroUnset: written.endsWith('!'),
    },
  ];
}

const none = new Uint8Array();

const magic = 'k8s\0';

/**
 * An object as it would stand in JSON.
 *
 * @throws RangeError when the bytes are no such message, or one of a kind that is not known here.
 */
export function decodeMessage(body: Uint8Array): Fields {
  if (toText(body.subarray(0, magic.length)) !== magic) throw new RangeError('no Kubernetes protobuf');
  const envelope = [...wireFields(body.subarray(magic.length))];
  const bytesOf = (fields: readonly WireField[], number: number): Uint8Array => {
    const found = fields.find((field) => field.number === number)?.content;
    return found instanceof Uint8Array ? found : none;
  };
  const typeMeta = [...wireFields(bytesOf(envelope, 1))];
  const [apiVersion, kind] = [toText(bytesOf(typeMeta, 1)), toText(bytesOf(typeMeta, 2))];
  const message = messages().get(kind);
  if (message === undefined) throw new RangeError(`no message of kind ${kind} is known`);
  return { apiVersion, kind, ...decode(bytesOf(envelope, 2), message) };
}

function decode(bytes: Uint8Array, message: Message): Fields {
  const result: Fields = {};
  for (const { number, content } of wireFields(bytes)) {
    const field = message.get(number);
    if (field === undefined) continue;
    if (field.isMap) {
      const present = result[field.name];
      result[field.name] = { ...fieldsOf(present), ...mapEntry(content, field.type) };
      continue;
    }
    const value = decodeValue(content, field.type);
    if (field.isMany) {
      const present = result[field.name];
      result[field.name] = [...(Array.isArray(present) ? (present as readonly unknown[]) : []), value];
    } else if (field.isInline) Object.assign(result, value);
    else if (!isUnset(value, field)) result[field.name] = value;
  }
  return result;
}

const isUnset = (value: unknown, { isZeroUnset }: Field): boolean =>
  value === undefined ||
  value === '' ||
  (isZeroUnset && (value === 0 || value === false || (isFields(value) && Object.keys(value).length === 0)));

function mapEntry(content: number | Uint8Array, type: string): Fields {
  const fields = new Map([...wireFields(asBytes(content))].map((field) => [field.number, field.content]));
  const value = fields.get(2) ?? none;
  return { [toText(asBytes(fields.get(1) ?? none))]: decodeValue(value, type) };
}

function decodeValue(content: number | Uint8Array, type: string): unknown {
  switch (type) {
    case 'int':
      return content;
    case 'bool':
      return content === 1;
    case 'text':
      return toText(asBytes(content));
    case 'bytes':
      return toBase64(asBytes(content));
  }
  const bytes = asBytes(content);
  const parts = new Map([...wireFields(bytes)].map((field) => [field.number, field.content]));
  switch (type) {
    case 'Time': {
      const seconds = parts.get(1);
      return typeof seconds === 'number' ? timestamp(new Date(seconds * 1000)) : undefined;
    }
    case 'Quantity':
      return toText(asBytes(parts.get(1) ?? none));
    case 'IntOrString':
      return parts.get(1) === 1 ? toText(asBytes(parts.get(3) ?? none)) : (parts.get(2) ?? 0);
  }
  const message = messages().get(type);
  return message === undefined ? undefined : decode(bytes, message);
}

const asBytes = (content: number | Uint8Array): Uint8Array => {
  if (content instanceof Uint8Array) return content;
  throw new RangeError('a number stands where bytes were expected');
};

interface WireField {
  number: number;
  content: number | Uint8Array;
}

const lengthDelimited = 2;

function* wireFields(bytes: Uint8Array): Generator<WireField> {
  let offset = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[offset];
      if (byte === undefined) throw new RangeError('a number has no end');
      offset += 1;
      value |= BigInt(byte % 128) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw new RangeError('a number is too long');
  };
  while (offset < bytes.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 === 0) {
      yield { number: Math.floor(tag / 8), content: value };
      continue;
    }
    if (tag % 8 !== lengthDelimited || value < 0 || offset + value > bytes.length)
      throw new RangeError('no such message');
    yield { number: Math.floor(tag / 8), content: bytes.subarray(offset, offset + value) };
    offset += value;
  }
}
