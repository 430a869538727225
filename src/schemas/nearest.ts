/** The name that somebody meant: two mistakes of a finger away at most, and fewer than half of the word. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, distance: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance: far }) => far <= 2 && far * 2 < Math.min(name.length, written.length))
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.name;
}

/** Levenshtein's distance, with two neighbours that change places counted as one mistake. */
function distance(one: string, other: string): number {
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= one.length; row++) {
    const here = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      here[column] = Math.min(
        (last[column] ?? 0) + 1,
        (here[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [before, last] = [last, here];
  }
  return last[other.length] ?? 0;
}
