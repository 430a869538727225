/** What tells one stack file from another, in what is made of it and kept: recordings, rendered pages. */
import { createHash } from 'node:crypto';
import { stack } from '#stack';

export const stackDigest = createHash('sha256').update(JSON.stringify(stack)).digest('hex').slice(0, 12);
