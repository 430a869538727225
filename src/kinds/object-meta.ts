/** What metadata holds, whatever the kind: definitions leave it to the API server [apimachinery 0.36, apis/meta/v1, ObjectMeta]. */
import { anything, type JsonSchema } from './schema.ts';

const text: JsonSchema = { type: 'string' };
const texts: JsonSchema = { type: 'object', additionalProperties: text };

export const objectMeta: JsonSchema = {
  type: 'object',
  properties: {
    annotations: texts,
    creationTimestamp: text,
    deletionGracePeriodSeconds: { type: 'integer' },
    deletionTimestamp: text,
    finalizers: { type: 'array', items: text },
    generateName: text,
    generation: { type: 'integer' },
    labels: texts,
    managedFields: { type: 'array', items: anything },
    name: text,
    namespace: text,
    ownerReferences: {
      type: 'array',
      items: {
        type: 'object',
        required: ['apiVersion', 'kind', 'name', 'uid'],
        properties: {
          apiVersion: text,
          blockOwnerDeletion: { type: 'boolean' },
          controller: { type: 'boolean' },
          kind: text,
          name: text,
          uid: text,
        },
      },
    },
    resourceVersion: text,
    selfLink: text,
    uid: text,
  },
};

/** The fields of every object, beside those that its definition names. */
export const everyObject: Readonly<Record<string, JsonSchema>> = { apiVersion: text, kind: text, metadata: objectMeta };
