/** What Gateway API's facts have in common. */
import { rule, type Fact, type Source } from './facts.ts';

export const group = 'gateway.networking.k8s.io';
export const source = (file: string): Source => ({
  project: 'Gateway API',
  release: 'v1.5.1',
  file: `apis/v1/${file}`,
});

export const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** Two references to the same parent, section or target apart. */
const sameParent = (fields: readonly string[]): string => fields.map((field) => same(field)).join(' && ');
const same = (field: string): string => `(has(a.${field}) ? a.${field} : '') == (has(b.${field}) ? b.${field} : '')`;

export const sections = (what: string, noun: string, fields: readonly string[]): Fact => ({
  rules: [
    rule(
      `self.all(a, self.all(b, !(${sameParent(fields)}) || (has(a.sectionName) && a.sectionName != '') == (has(b.sectionName) && b.sectionName != '')))`,
      `sectionName must be specified when ${what} includes 2 or more references to the same ${noun}`,
    ),
    rule(
      `self.all(a, self.exists_one(b, ${sameParent([...fields, 'sectionName'])}))`,
      `sectionName must be unique when ${what} includes 2 or more references to the same ${noun}`,
    ),
  ],
});
