/** Fields that an object in JSON has twice: `JSON.parse` takes the last, and says nothing. */

const token = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/** @param json Known to be JSON. */
export function duplicateFields(json: string): readonly string[] {
  const found = new Set<string>();
  token.lastIndex = 0;
  const next = (): string => token.exec(json)?.[1] ?? '';

  function value(first: string, path: string): void {
    if (first === '{') {
      const seen = new Set<string>();
      for (let key = next(); key !== '}' && key !== ''; key = next()) {
        if (key === ',') continue;
        const name = String(JSON.parse(key));
        const place = path === '' ? name : `${path}.${name}`;
        if (seen.has(name)) found.add(place);
        seen.add(name);
        next();
        value(next(), place);
      }
    } else if (first === '[') {
      let index = 0;
      for (let item = next(); item !== ']' && item !== ''; item = next()) {
        if (item === ',') continue;
        value(item, `${path}[${index}]`);
        index += 1;
      }
    }
  }

  value(next(), '');
  return [...found];
}
