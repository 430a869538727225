/** A request and its answer, whoever brings the one and takes the other: a socket, a test, a page's own script. */

export interface ApiRequest {
  /** `GET`, in capitals. */
  method: string;
  /** Path and query as they came. */
  url: string;
  /** Every value of each header, by its name in small letters. */
  headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** In pieces, as they come. */
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** `host:port`, where it came to. */
  address: string;
}

export interface ApiAnswer {
  code: number;
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** All of it, or what writes it as it comes. */
  body: string | Uint8Array | Stream;
}

/** Begins to write when the head of the answer is on its way; what it returns is called when nobody listens any more. */
export type Stream = (out: Out) => (() => void) | undefined;

export interface Out {
  write: (content: string | Uint8Array) => void;
  end: () => void;
}

/** A header that may stand once, or as a list in several; undefined where there is none. */
export const header = ({ headers }: Pick<ApiRequest, 'headers'>, name: string): string | undefined =>
  headers[name]?.join(', ');
