/** Conditions: found by type, told in words. */
import { describe, expect, it } from 'vitest';
import { condition, conditionPath, conditionText, isStale, neverReconciled } from '../../runbooks/models/conditions.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: 'All is well.' };
const failing = { type: 'Ready', status: 'False', reason: 'Expired', message: 'It expired.' };

describe('condition', () => {
  it('is found by its type, wherever it stands', () => {
    expect(condition([{ type: 'Other', status: 'False' }, ready], 'Ready')).toBe(ready);
    expect(condition([ready], 'Programmed')).toBeUndefined();
    expect(condition(undefined, 'Ready')).toBeUndefined();
  });
});

describe('conditionText', () => {
  it.each([
    [undefined, 'no such condition'],
    [ready, 'True (Ready)'],
    [{ type: 'Ready', status: 'False' }, 'False'],
    [{ type: 'Ready', status: 'False', reason: 'Expired' }, 'False (Expired)'],
    [{ type: 'Ready', status: 'Unknown', message: 'Waiting' }, 'Unknown'],
    [failing, 'False (Expired)'],
  ])('%j is %s', (found, text) => expect(conditionText(found)).toBe(text));
});

describe('conditionPath', () => {
  it('is what kubectl takes', () => {
    expect(conditionPath('Ready')).toBe('status.conditions[?(@.type=="Ready")]');
    expect(conditionPath('Ready', 'status.listeners[0]')).toBe('status.listeners[0].conditions[?(@.type=="Ready")]');
  });
});

describe('neverReconciled', () => {
  it.each([
    [undefined, true],
    [{ type: 'Accepted', status: 'Unknown', reason: 'Pending' }, true],
    [{ type: 'Accepted', status: 'Unknown', reason: 'Waiting' }, false],
    [{ type: 'Accepted', status: 'False', reason: 'Pending' }, false],
  ])('%j: %s', (found, expected) => expect(neverReconciled(found)).toBe(expected));
});

describe('isStale', () => {
  const at = (observedGeneration?: number) => ({ ...ready, ...(observedGeneration && { observedGeneration }) });
  it.each([
    [at(1), 2, true],
    [at(2), 2, false],
    [at(3), 2, false],
    [at(), 2, false],
    [at(1), undefined, false],
    [undefined, 2, false],
  ])('%j of generation %j: %s', (found, generation, expected) => expect(isStale(found, generation)).toBe(expected));
});
