/** Filters that change headers: what of them the controller refuses [internal/gatewayapi/filters.go]. */
import { list, text } from '../formats/fields.ts';

/** A value as HTTP takes it; one line, and no blanks around it [RFC 7230]. */
const value = /^[!-~]+([\t ]?[!-~]+)*$/;

/** Names that are no header's, or Envoy's own. */
const isChangeable = (name: string): boolean => !/[/:]/.test(name) && name.toLowerCase() !== 'host';

interface Way {
  /** What the filter does to a header, as the controller says it. */
  verb: string;
  /** What it says of one that it does not touch. */
  untouched: string;
}

const toHost = ' To modify the Host header use the URLRewrite or the HTTPRouteFilter filter.';

function waysOf(filter: string): Readonly<Record<'add' | 'set' | 'remove', Way>> {
  const untouched = (verb: string, end = ''): string =>
    `The ${filter} filter cannot ${verb} the Host header or headers with a '/' or ':' character in them.${end}`;
  const isRequest = filter === 'RequestHeaderModifier';
  return {
    add: { verb: 'add', untouched: isRequest ? untouched('add', toHost) : untouched('set') },
    set: { verb: 'set', untouched: isRequest ? untouched('set', toHost) : untouched('set') },
    remove: { verb: 'remove', untouched: untouched('remove') },
  };
}

/** What a filter changes, so far: names of headers in small letters. */
export interface Changed {
  written: Set<string>;
  removed: Set<string>;
}

/** Why a filter is refused; undefined where it is not. What of it can be used is noted in `changed`. */
export function headerRefusal(filter: string, modifier: unknown, changed: Changed): string | undefined {
  const ways = waysOf(filter);
  const wrong: string[] = [];
  for (const field of ['add', 'set'] as const) {
    for (const header of list(modifier, field)) {
      const name = text(header, 'name');
      const why = refusalOf(filter, ways[field], name, text(header, 'value'));
      if (why === undefined) changed.written.add(name.toLowerCase());
      else wrong.push(why);
    }
  }
  for (const name of list(modifier, 'remove').map((one) => text(one))) {
    const why = refusalOf(filter, ways.remove, name);
    if (why === undefined) changed.removed.add(name.toLowerCase());
    else wrong.push(why);
  }
  const asked = ['add', 'set', 'remove'].some((field) => list(modifier, field).length > 0);
  if (asked && changed.written.size + changed.removed.size === 0) {
    return `${filter} Filter did not provide valid configuration to add${filter === 'RequestHeaderModifier' ? '/set' : ''}/remove any headers`;
  }
  return wrong.length === 0 ? undefined : wrong.join('\n');
}

function refusalOf(filter: string, { verb, untouched }: Way, name: string, content?: string): string | undefined {
  if (name === '') return `${filter} Filter cannot ${verb} a header with an empty name`;
  if (!isChangeable(name)) return `Header: "${name}". ${untouched}`;
  return content === undefined || value.test(content)
    ? undefined
    : `Header: "${name}". ${filter} Filter cannot ${verb} a header with an invalid value.`;
}
