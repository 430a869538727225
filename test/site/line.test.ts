/** The line map names components by their ids, each once, on straight or diagonal track. */
import { expect, it } from 'vitest';
import { components } from '../../runbooks/components.ts';
import { branches, requestLine, requestPath } from '../../src/site/line.ts';

const stations = [...requestLine, ...branches.flatMap((branch) => branch.stations)];

it('names each station once, by the id of a component', () => {
  const ids = stations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const known = components.map(({ id }) => id);
  expect(known).toEqual(expect.arrayContaining(ids));
});

it('lets branches join at stations of the request line', () => {
  const line = requestLine.map(({ id }) => id);
  for (const branch of branches) expect(line).toEqual(expect.arrayContaining([...branch.interchanges]));
});

/** The corners of a path made of M, L, H and V. */
function corners(path: string): [number, number][] {
  let at: [number, number] = [0, 0];
  return [...path.matchAll(/([MLHV])([\d.]+)(?: ([\d.]+))?/g)].map(([, command, a, b]) => {
    at = command === 'H' ? [Number(a), at[1]] : command === 'V' ? [at[0], Number(a)] : [Number(a), Number(b)];
    return at;
  });
}

it.each([['request', requestPath], ...branches.map(({ id, path }) => [id, path])])(
  '%s runs level, upright or at 45 degrees',
  (_, path) => {
    const points = corners(path);
    for (const [index, [x, y]] of points.slice(1).entries()) {
      const [fromX, fromY] = points[index] as [number, number];
      expect([0, Math.abs(y - fromY)], `${fromX},${fromY} to ${x},${y}`).toContain(
        Math.abs(x - fromX) === 0 ? 0 : y === fromY ? 0 : Math.abs(x - fromX),
      );
    }
  },
);
