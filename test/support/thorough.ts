/**
 * Whether tests that try many of a kind try them all, as `THOROUGH=1` asks and a workflow does once a week; a run for every push tries a part
 * that is the same every time.
 */
export const isThorough = process.env['THOROUGH'] === '1';
