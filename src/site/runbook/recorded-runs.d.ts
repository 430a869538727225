/** Made at build time by running every runbook on the demo cluster. */
declare module 'virtual:recorded-runs' {
  const recordings: import('./recordings.ts').Recordings;
  export default recordings;
}
