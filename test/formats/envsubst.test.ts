/** Flux's envsubst: what its own tests show, and what is not known. */
import { describe, expect, it } from 'vitest';
import { envsubst, type Variable } from '../../src/formats/envsubst.ts';

const known: Readonly<Record<string, Variable>> = {
  NAME: { value: 'abcABC123ABCabc' },
  PATH_NAME: { value: '/path/to/file.tar.gz' },
  LOWER: { value: 'web' },
  EMPTY: { value: '' },
  SECRET: { hidden: 'its value' },
  PERHAPS: { hidden: 'whether it is set' },
};
const fill = (text: string) => envsubst(text, (name) => known[name] ?? { value: '' });

describe('what is filled in', () => {
  it.each([
    ['no variable', 'no variable'],
    ['a ${LOWER} b', 'a web b'],
    ['${NOWHERE}', ''],
    ['$LOWER and $$LOWER', '$LOWER and $LOWER'],
    ['$${LOWER} $$${LOWER}', '${LOWER} $web'],
    ['${EMPTY:=xyz} ${NOWHERE:-x:y} ${LOWER:=xyz} ${NOWHERE=z}', 'xyz x:y web z'],
    ['${NOWHERE:=} ${NOWHERE:=a${LOWER}b}', ' awebb'],
    ['${NOWHERE:?must be set} ${LOWER:+other}', 'must be set web'],
    ['${#LOWER} ${LOWER^} ${LOWER^^} ${NAME,,}', '3 Web WEB abcabc123abcabc'],
    ['${NAME:3} ${NAME:3:3} ${NAME:-3} ${NAME:20}', 'ABC123ABCabc ABC abcABC123ABCabc '],
    [
      '${NAME/abc/X} ${NAME//abc/X} ${NAME/#abc/X} ${NAME/%abc/X}',
      'XABC123ABCabc XABC123ABCX XABC123ABCabc abcABC123ABCX',
    ],
    ['${NAME//abc/} ${PATH_NAME//\\//-}', 'ABC123ABC -path-to-file.tar.gz'],
    [
      '${PATH_NAME#*/} ${PATH_NAME##*/} ${PATH_NAME%.*} ${PATH_NAME%%.*}',
      'path/to/file.tar.gz file.tar.gz /path/to/file.tar /path/to/file',
    ],
  ])('%s', (text, filled) => {
    expect(fill(text)).toEqual({ ok: true, text: filled });
  });
});

describe('what is not known stays as it stands', () => {
  it.each([
    ['a ${SECRET} b', 'a ${SECRET} b'],
    ['${SECRET:=default} ${SECRET^^}', '${SECRET:=default} ${SECRET^^}'],
    // Who writes a default says what the value is like.
    ['${PERHAPS} ${PERHAPS:=default}', '${PERHAPS} default'],
    ['${NOWHERE:=${SECRET}}', '${SECRET}'],
  ])('%s', (text, filled) => {
    expect(fill(text)).toEqual({ ok: true, text: filled });
  });
});

describe('what Flux refuses', () => {
  it.each([
    ['${}', /name/],
    ['${A', /closing brace/],
    ['${A.b}', /closing brace/],
    ['${A-b}', /closing brace/],
    ['${A[@]}', /closing brace/],
    ['${A:=', /argument/],
    ['${A/b}', /pattern has no end/],
  ])('%s', (text, why) => {
    const filled = fill(text);
    expect(filled.ok ? filled.text : filled.why).toMatch(why);
    expect(filled.ok).toBe(false);
  });
});

it('takes a long text in its stride', () => {
  const text = '${LOWER}$$'.repeat(20_000);
  expect(fill(text)).toEqual({ ok: true, text: 'web$'.repeat(20_000) });
});
