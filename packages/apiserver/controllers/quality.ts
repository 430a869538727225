/** How well the node treats a pod when memory runs out [pkg/apis/core/v1/helper/qos]. */
import { fieldsOf, at } from '../objects/fields.ts';

export function qualityOf(containers: readonly unknown[]): string {
  const resources = containers.map((container) => at(container, 'resources'));
  const has = (field: string) => (entry: unknown) => Object.keys(fieldsOf(entry, field)).length > 0;
  return resources.some((entry) => has('requests')(entry) || has('limits')(entry)) ? 'Burstable' : 'BestEffort';
}
