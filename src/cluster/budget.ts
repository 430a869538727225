/**
 * How much a server may cost. What goes beyond is no cluster that a person has at home or at work: it is broken, or means harm.
 */

const mebibyte = 2 ** 20;

/** Pages of one list. With 500 objects each (as kubectl asks) they hold as many objects as a list may. */
export const mostPages = 200;

/** Objects of one list: ten times as many routes as large clusters have. */
export const mostItems = 100_000;

/** Bytes of one answer, unpacked: a page of 500 objects of 32 KiB. etcd takes no object above 1.5 MiB. */
export const mostPageBytes = 16 * mebibyte;

/** Bytes of a list that has to come in one piece because its pages expired, unpacked. */
export const mostWholeBytes = 64 * mebibyte;

/** Bytes of all answers on one connection, unpacked: what a run may come to hold in memory. */
export const mostBytes = 256 * mebibyte;

/**
 * Bytes of an answer that may be read beside others. What is longer is read one after the other, so that sixteen answers that
 * unpack to a page each do not stand in memory at once.
 */
export const smallBytes = mebibyte / 2;

/** A read takes as long as this many requests may: all its pages and all that is asked again. */
export const requestsPerRead = 3;

/** Characters of a credential plugin's output: a token and a certificate chain. */
export const mostPluginOutput = 1 * mebibyte;

/** Bytes of a kubeconfig, and of a file that it names: what the API server takes for an object of that sort. */
export const mostFileBytes = 1 * mebibyte;

/** Milliseconds that a kubeconfig from a pipe may take: what writes it runs beside us, and may ask for a password. */
export const pipeTimeoutMs = 30_000;
