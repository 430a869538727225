/** Every colour that carries words or a state can be read on every surface that it stands on, in both themes (WCAG 2.2 AA). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/site/styles/tokens.css', 'utf8');
const colours = [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)];
const theme = (which: 2 | 3): Record<string, string> =>
  Object.fromEntries(colours.map((found) => [found[1] ?? '', found[which] ?? '']));

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const text = ['ink', 'ink-soft', 'ink-faint', 'line', 'passed', 'failed', 'warned', 'blocked', 'unknown', 'skipped'];
const surfaces = ['paper', 'paper-raised', 'paper-sunk'];
const states = ['passed', 'failed', 'warned', 'blocked'];

describe.each([
  ['light', theme(2)],
  ['dark', theme(3)],
])('%s', (_, tokens) => {
  it.each(text.flatMap((name) => surfaces.map((surface) => [name, surface])))('%s on %s', (name, surface) => {
    expect(contrast(tokens[name] as string, tokens[surface] as string)).toBeGreaterThanOrEqual(4.5);
  });

  it('draws what must be seen but is not text at 3 to 1', () => {
    expect(contrast(tokens['rule-strong'] as string, tokens['paper'] as string)).toBeGreaterThanOrEqual(3);
  });

  it('tells the states apart in lightness', () => {
    const levels = states.map((state) => luminance(tokens[state] as string)).sort((a, b) => a - b);
    for (const [index, level] of levels.slice(1).entries()) {
      expect((level + 0.05) / ((levels[index] as number) + 0.05)).toBeGreaterThan(1.08);
    }
  });
});
