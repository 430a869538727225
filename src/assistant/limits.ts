/** How much an assistant is told at once, and how much it may ask for. What is left out can be asked for: each answer says how. */
export const limits = {
  /** Characters of the JSON of one answer: about twelve thousand tokens. */
  structured: 48_000,
  /** Characters of the text of one answer, and of one piece of a page. */
  text: 24_000,
  /** Reports of this session that are kept, for `read_report` and `compare_runs`. */
  keptRuns: 8,
  /** Calls that may wait for the run under way. */
  waiting: 4,
  /** Manifests of one call: files, and bytes of all of them. */
  files: 5_000,
  bytes: 64 * 1024 * 1024,
  /** Milliseconds between two notices of progress. */
  progressMs: 150,
  /** Lines of the log about messages that cannot be read. */
  loggedErrors: 50,
} as const;
