/** The file of accepted findings: what it says, and all that is wrong with it, told at once and by its line. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/formats/refusal.ts';
import { readAccepted } from '../../src/sources/accepted.ts';
import { writeFolder } from '../support/manifests.ts';

const read = (text: string) => {
  const file = join(writeFolder({ 'accepted.yaml': text }), 'accepted.yaml');
  return readAccepted(file).then(
    (entries) => entries.map(({ place, ...entry }) => ({ ...entry, place: place.slice(file.length) })),
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      return { of: error.of, faults: error.message.replaceAll(file, '').split('\n') };
    },
  );
};
const good = `
# Nothing else.
- finding: gateway/exists#missing
  object: Gateway infra/web
  reason: It comes with the new node.
  until: 2027-03-31
`;

it('brings each entry with its line', async () => {
  expect(await read(`${good}${good}`)).toEqual(
    [3, 9].map((line) => ({
      finding: 'gateway/exists#missing',
      object: 'Gateway infra/web',
      reason: 'It comes with the new node.',
      until: '2027-03-31',
      place: `:${line}`,
    })),
  );
});

it.each(['', '# Nothing yet.\n', '[]'])('accepts nothing where there is nothing: %j', async (text) =>
  expect(await read(text)).toEqual([]),
);

describe('a file that cannot be used', () => {
  it('is told with all that is wrong, each by its line', async () => {
    const text = `
- finding: gateway
  object: web
  reason: ' '
  until: 2027-02-30
- until: 2027-03-31
  untill: 2027-03-31
- just text
- finding: gateway/exists#missing
  object: [Gateway]
  reason: 5
  until: 2027-03-31T00:00:00Z
`;
    expect(await read(text)).toEqual({
      of: 'input',
      faults: [
        ':2: finding is not the id of a finding, such as gateway/exists#missing.',
        ':3: object is not the object at fault, as Kind namespace/name or Kind name.',
        ':4: reason is not a sentence that says why.',
        ':5: until is not a date, such as 2027-03-31.',
        ':6: finding is missing: the id of a finding, such as gateway/exists#missing.',
        ':6: object is missing: the object at fault, as Kind namespace/name or Kind name.',
        ':6: reason is missing: a sentence that says why.',
        ':6: there is no field untill.',
        ':8: the entry is not a map.',
        ':10: object is not the object at fault, as Kind namespace/name or Kind name.',
        ':11: reason is not a sentence that says why.',
        ':12: until is not a date, such as 2027-03-31.',
      ],
    });
  });

  it.each([
    ['a map', 'finding: a\n', [':1: the file is not a list.']],
    ['text', 'nothing\n', [':1: the file is not a list.']],
    ['no YAML', '- a: [\n- }\n', [expect.stringMatching(/^:2:\d+ is not YAML: /), expect.anything()]],
  ])('is %s', async (_title, text, faults) => expect(await read(text)).toEqual({ of: 'input', faults }));

  it('is not there, or is a folder', async () => {
    await expect(readAccepted('/nowhere.yaml')).rejects.toThrow('/nowhere.yaml cannot be read (ENOENT).');
    const folder = join(writeFolder({}), 'a');
    mkdirSync(folder);
    await expect(readAccepted(folder)).rejects.toThrow('cannot be read (EISDIR).');
  });
});
