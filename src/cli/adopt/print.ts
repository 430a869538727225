/** What `npm run adopt` says. */
import { legible } from '../../runbook/legible.ts';

export const print = (text: string): void => void process.stdout.write(`${legible(text)}\n`);
