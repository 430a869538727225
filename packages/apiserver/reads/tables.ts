/**
 * Tables as `kubectl get` asks for them: the server chooses the columns and fills the cells.
 *
 * Built-in kinds have the columns listed here; custom kinds those of their CustomResourceDefinition; all others name and age.
 */
import { at, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import type { PrinterColumn, Resource } from '../resources/resources.ts';
import { builtinColumns } from './built-in-columns.ts';
import { age, type Cell, type Column, name, since } from './columns.ts';

export interface TableColumn {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

/** A column of a CustomResourceDefinition: the first value that its JSONPath finds. */
const customColumn = ({ name: title, jsonPath, type, priority }: PrinterColumn): Column => ({
  name: title,
  type: type === 'date' || type === 'integer' ? type : 'string',
  wide: priority > 0,
  cell: (object, now) => {
    const found = jsonPathValue(object, jsonPath);
    if (found === undefined || found === null) return type === 'date' ? '<unknown>' : '';
    if (type === 'date') return since(text(found), now);
    if (type === 'integer' && typeof found === 'number') return found;
    return typeof found === 'object' ? JSON.stringify(found) : text(found);
  },
});

/** As much of JSONPath as printer columns use: fields, `[0]`, `[*]` and `[?(@.field=="value")]`; the first match counts. */
function jsonPathValue(object: unknown, path: string): unknown {
  let found: unknown = object;
  for (const [, key, index, filterField, filterValue] of path.matchAll(
    /\.([A-Za-z0-9_-]+)|\[(\d+|\*)\]|\[\?\(@\.(\w+)=="([^"]*)"\)\]/g,
  )) {
    if (key !== undefined) found = at(found, key);
    else if (!Array.isArray(found)) return undefined;
    else if (index !== undefined) found = found[index === '*' ? 0 : Number(index)];
    else found = found.find((entry) => filterField !== undefined && text(entry, filterField) === filterValue);
  }
  return found;
}

const columnsOf = ({ group, kind, custom, columns }: Resource): readonly Column[] =>
  custom ? [name, ...columns.map(customColumn)] : (builtinColumns[`${group} ${kind}`] ?? [name, age]);

export function columnDefinitions(resource: Resource): readonly TableColumn[] {
  const paths = new Map(resource.columns.map(({ name: title, jsonPath }) => [title, jsonPath]));
  return columnsOf(resource).map((column) => {
    const path = paths.get(column.name);
    return {
      name: column.name,
      type: column.type ?? (resource.custom && column.name === 'Age' ? 'date' : 'string'),
      format: column.name === 'Name' ? 'name' : '',
      description:
        resource.custom && path !== undefined
          ? `Custom resource definition column (in JSONPath format): ${path}`
          : `${column.name} of the ${resource.kind}.`,
      priority: column.wide === true ? 1 : 0,
    };
  });
}

export const tableCells = (resource: Resource, object: StoredObject, now: Date): readonly Cell[] =>
  columnsOf(resource).map((column) => column.cell(object, now));
