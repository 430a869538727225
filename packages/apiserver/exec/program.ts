/** What runs in a container when somebody asks: whoever starts the API server says which programs there are, and what they do. */
import type { StoredObject } from '../objects/object.ts';
import type { Terminal } from './terminal.ts';

/** Where a program runs. */
export interface Place {
  pod: StoredObject;
  container: string;
}

export interface Call extends Place {
  args: readonly string[];
  terminal: Terminal;
}

/** Returns its exit code. */
export type Program = (call: Call) => number | Promise<number>;

/** The program of that name in a container; undefined where it has none. */
export type Programs = (name: string, place: Place) => Program | undefined;
