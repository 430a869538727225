/** Inputs are held against what the chosen runbooks declare. */
import { describe, expect, it } from 'vitest';
import { checkInputs, declaredInputs } from '../../src/runbook/inputs.ts';
import { defineRunbook, type RunbookInput } from '../../src/runbook/runbook.ts';

const hostname: RunbookInput = {
  name: 'hostname',
  title: 'Hostname',
  absent: 'The first.',
  pattern: /[a-z.]+/,
  takes: 'letters and dots',
  example: 'docs.example.com',
};
const runbook = (id: string, ...inputs: RunbookInput[]) =>
  defineRunbook({ id, title: id, summary: id, inputs, checks: [] });
const one = runbook('one', hostname);
const strict = runbook('strict', { ...hostname, pattern: /[a-z]+\.example\.com/ });
const none = runbook('none');

describe('inputs', () => {
  it('are declared once, whoever declares them', () => {
    expect(declaredInputs([one, strict, none]).map(({ name }) => name)).toEqual(['hostname']);
  });

  it('are all there, empty when they were not given', () => {
    expect(checkInputs([one, none], {})).toEqual({ ok: true, inputs: { hostname: '' } });
    expect(checkInputs([one], { hostname: '' })).toEqual({ ok: true, inputs: { hostname: '' } });
    expect(checkInputs([one], { hostname: ' docs.example.com ' })).toEqual({
      ok: true,
      inputs: { hostname: 'docs.example.com' },
    });
    expect(checkInputs([none], {})).toEqual({ ok: true, inputs: {} });
  });

  it('must match as a whole, for every runbook that takes them', () => {
    expect(checkInputs([one], { hostname: 'docs.example.com; id' }).ok).toBe(false);
    expect(checkInputs([one], { hostname: 'docs.example.com\nid' }).ok).toBe(false);
    expect(checkInputs([one], { hostname: 'a'.repeat(300) }).ok).toBe(false);
    expect(checkInputs([one, strict], { hostname: 'docs.example.org' }).ok).toBe(false);
    expect(checkInputs([one, strict], { hostname: 'docs.example.com' }).ok).toBe(true);
  });

  it('are what is meant by what was pasted', () => {
    const lenient = runbook('lenient', { ...hostname, read: (text) => text.replace(/^https:\/\//, '') });
    expect(checkInputs([lenient], { hostname: ' https://docs.example.com' })).toEqual({
      ok: true,
      inputs: { hostname: 'docs.example.com' },
    });
  });

  it('that nobody declares are named, with those that there are and an example', () => {
    const checked = checkInputs([one], { toString: 'x' });
    expect(checked).toMatchObject({ ok: false, message: 'There is no input toString.' });
    expect(checked.ok ? '' : checked.hint).toContain('hostname=docs.example.com');
    expect(checkInputs([none], { hostname: 'x' })).toMatchObject({ hint: 'What was chosen takes no input.' });
  });
});
