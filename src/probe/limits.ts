/** Where a connection goes, and how long it may take. */

export interface Address {
  host: string;
  port: number;
}

/** How long something may take, and what ends it before that. */
export interface Limits {
  timeoutMs: number;
  signal: AbortSignal | undefined;
}
