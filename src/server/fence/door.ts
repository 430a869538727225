/**
 * Who may ask the clusters of a kubeconfig: the browser in which somebody opened the link that the terminal printed, and nobody else.
 *
 * The link holds a secret that works once. It stands in the fragment, which no request, referrer, log or link preview carries, and which the page
 * sends by itself. What the page gets for it is a key in two halves. One is a cookie, which no script can read; but cookies know no ports, so
 * any other server of the same host is sent it too. The other lies in the storage of the page's origin, which is apart for each port; but
 * script can read it. One half without the other opens nothing, and both open nothing at another origin.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Origins } from './origins.ts';
import { randomWord } from './random.ts';

/** Every path of the local API begins so; the cookie goes nowhere else. */
export const apiPath = '/_runbook/';
/** A header of our own, which a foreign page cannot send without a preflight that nobody answers; it holds the page's half of a key, if it has one. */
export const pageHeader = 'x-runbook-page';
/** Holds the secret of a link. */
const secretHeader = 'x-runbook-secret';

interface Key {
  host: string;
  cookie: string;
  page: string;
}

export class Door {
  readonly origins = new Origins();
  // __Host- would need TLS. A random name at least meets no cookie of another project, and none of an earlier start.
  readonly #cookieName = `handbook-${randomWord(10)}`;
  readonly #keys: Key[] = [];
  #secret: string | undefined;
  /** What was exchanged last. */
  #spent: { secret: string; key: Key } | undefined;

  /** The addresses of a new link, the one to open first first. The link before it works no more. */
  links(): readonly string[] {
    const secret = randomWord(26);
    this.#secret = secret;
    return this.origins.fresh().map((host) => `http://${host}/#enter=${secret}`);
  }

  /**
   * Takes a secret, once, and makes a key of it with the half that the page chose. It has 127 bits, so guesses need not be counted; whoever counted
   * them could be made to lock the owner out.
   *
   * @returns The cookie to set; undefined for any secret but the last link's, and at a plain address: who listens there may have seen it, so
   * it works no more.
   */
  enter({ host = '', [secretHeader]: secret, [pageHeader]: page }: IncomingHttpHeaders): string | undefined {
    if (typeof secret !== 'string' || typeof page !== 'string' || page.length < 32) return undefined;
    // A page that is loaded again before it has the answer asks again; nobody else knows its half.
    const again = this.#spent;
    if (again !== undefined && isSame(secret, again.secret) && isSame(page, again.key.page))
      return this.#cookie(again.key);
    if (this.#secret === undefined || !isSame(secret, this.#secret)) return undefined;
    this.#secret = undefined;
    if (!this.origins.isFresh(host)) return undefined;
    const key = { host: host.toLowerCase(), cookie: randomWord(52), page };
    this.#keys.push(key);
    this.#spent = { secret, key };
    return this.#cookie(key);
  }

  #cookie = ({ cookie }: Key): string => `${this.#cookieName}=${cookie}; Path=${apiPath}; HttpOnly; SameSite=Strict`;

  /** Whether a request has both halves of a key of its origin. */
  isOpenTo({ host = '', cookie = '', [pageHeader]: page }: IncomingHttpHeaders): boolean {
    const prefix = `${this.#cookieName}=`;
    // Another port can add a cookie of this name, but not take ours away from the list.
    const cookies = cookie
      .split(';')
      .map((each) => each.trim())
      .filter((each) => each.startsWith(prefix))
      .map((each) => each.slice(prefix.length));
    return this.#keys.some(
      (key) =>
        key.host === host.toLowerCase() &&
        typeof page === 'string' &&
        isSame(page, key.page) &&
        cookies.some((each) => isSame(each, key.cookie)),
    );
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The one door of this process: the dev server stands behind it, and the terminal prints its links. */
export const door = new Door();
