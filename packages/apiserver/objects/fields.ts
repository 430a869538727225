/** Reading fields of objects whose shape nobody promised. */
export * from '../../../src/formats/fields.ts';
