/**
 * Colour for a terminal; a pipe gets none, and NO_COLOR is honoured. picocolors would decide by itself, but for standard output only,
 * and it colours the pipes of pipelines (CI=true), which are read by programs.
 */
import pc from 'picocolors';

export type Paint = ReturnType<typeof pc.createColors>;

/** @param stream Where the text goes; its `isTTY` is absent for a pipe. */
export const painter = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint =>
  pc.createColors(Boolean(env['FORCE_COLOR']) || (stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'));
