/**
 * Reads the reviews that `kubectl auth` posts. It sends them as protobuf whatever it is told, so this much of the format is
 * needed: the envelope of Kubernetes ("k8s\0" and runtime.Unknown) and the fields of three small messages
 * (k8s.io/api/authorization/v1/generated.proto). Answers may be JSON.
 */
import { isFields, type Fields } from './fields.ts';

/** Field numbers and what they hold: text, or a message. */
interface Schema {
  readonly [fieldNumber: number]: readonly [name: string, content: 'text' | Schema];
}

const review: Schema = {
  2: [
    'spec',
    {
      1: [
        'resourceAttributes',
        {
          1: ['namespace', 'text'],
          2: ['verb', 'text'],
          3: ['group', 'text'],
          4: ['version', 'text'],
          5: ['resource', 'text'],
          6: ['subresource', 'text'],
          7: ['name', 'text'],
        },
      ],
      2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }],
    },
  ],
};

const magic = Buffer.from('k8s\0', 'latin1');
const lengthDelimited = 2;

/**
 * A review as it would stand in JSON, fields that are empty left out. A SelfSubjectRulesReview's spec holds a namespace where
 * the others hold messages; nothing here depends on it, so it is not read.
 *
 * @throws RangeError when the bytes are no such message.
 */
export function decodeReview(body: Buffer): Fields {
  if (!body.subarray(0, magic.length).equals(magic)) throw new RangeError('no Kubernetes protobuf');
  const envelope = [...messageFields(body.subarray(magic.length))];
  const typeMeta = new Map(messageFields(envelope.find(([field]) => field === 1)?.[1] ?? Buffer.alloc(0)));
  const kind = typeMeta.get(2)?.toString('utf8') ?? '';
  const raw = envelope.find(([field]) => field === 2)?.[1] ?? Buffer.alloc(0);
  const decoded = kind === 'SelfSubjectAccessReview' ? decode(raw, review) : {};
  return { apiVersion: typeMeta.get(1)?.toString('utf8') ?? '', kind, ...(isFields(decoded) ? decoded : {}) };
}

function decode(bytes: Buffer, schema: Schema): Fields {
  const result: Fields = {};
  for (const [field, content] of messageFields(bytes)) {
    const known = schema[field];
    if (known === undefined || content.length === 0) continue;
    const [name, kind] = known;
    result[name] = kind === 'text' ? content.toString('utf8') : decode(content, kind);
  }
  return result;
}

/** The length-delimited fields of a message; numbers are skipped. */
function* messageFields(bytes: Buffer): Generator<readonly [field: number, content: Buffer]> {
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 35; factor *= 128) {
      const byte = bytes.readUInt8(offset);
      offset += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('a number is too long');
  };
  while (offset < bytes.length) {
    const tag = varint();
    const length = varint();
    if (tag % 8 === 0) continue;
    if (tag % 8 !== lengthDelimited || offset + length > bytes.length) throw new RangeError('no such message');
    yield [Math.floor(tag / 8), bytes.subarray(offset, offset + length)];
    offset += length;
  }
}
