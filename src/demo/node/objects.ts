/** The objects of the stack file's demo cluster. */
import { stack } from '#stack';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { homelabOf } from '../homelab.ts';

export const loadObjects = (): readonly KubernetesObject[] => homelabOf(stack).objects;
