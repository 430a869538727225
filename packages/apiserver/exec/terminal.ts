/**
 * The terminal of a program in a container: what it prints, and lines that somebody types. With a TTY it echoes, edits the line and
 * takes Ctrl+C and Ctrl+D, as the node's would.
 */

export interface TerminalOptions {
  tty: boolean;
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Somebody pressed Ctrl+C. */
class Interrupted extends Error {}

const interruptedCode = 130;

export class Terminal {
  readonly tty: boolean;
  readonly #options: TerminalOptions;
  readonly #lines: string[] = [];
  #line = '';
  #isHidden = false;
  #isOver = false;
  #isInterrupted = false;
  #wake: () => void = () => undefined;

  constructor(options: TerminalOptions) {
    this.tty = options.tty;
    this.#options = options;
  }

  print(text: string): void {
    this.#options.out(this.#shown(text));
  }

  complain(text: string): void {
    this.#options.err(this.#shown(text));
  }

  /** The next line; undefined when there will be none. What is typed does not show when it is a secret. */
  async ask(prompt: string, { hidden }: { hidden: boolean }): Promise<string | undefined> {
    this.print(prompt);
    this.#isHidden = hidden;
    try {
      for (;;) {
        if (this.#isInterrupted) throw new Interrupted();
        const line = this.#lines.shift();
        if (line !== undefined) return line;
        if (this.#isOver) return undefined;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#isHidden = false;
    }
  }

  /** Runs a program, and gives its exit code. */
  async run(program: () => number | Promise<number>): Promise<number> {
    try {
      return await program();
    } catch (error) {
      if (error instanceof Interrupted) return interruptedCode;
      throw error;
    }
  }

  type(text: string): void {
    for (const character of text) {
      if (this.tty) this.#key(character);
      else if (character === '\n') this.#enter();
      else this.#line += character;
    }
    this.#wake();
  }

  /** There will be no more to read. */
  end(): void {
    if (this.#line !== '') this.#enter();
    this.#isOver = true;
    this.#wake();
  }

  #key(character: string): void {
    switch (character) {
      case '\r':
      case '\n':
        if (!this.#isHidden) this.print('\n');
        return this.#enter();
      case '\u0003':
        this.#isInterrupted = true;
        return this.print('^C\n');
      case '\u0004':
        if (this.#line === '') this.#isOver = true;
        return;
      case '\u007f':
      case '\b':
        if (this.#line === '') return;
        this.#line = this.#line.slice(0, -1);
        if (!this.#isHidden) this.print('\b \b');
        return;
      default:
        this.#line += character;
        if (!this.#isHidden) this.print(character);
    }
  }

  #enter(): void {
    this.#lines.push(this.#line);
    this.#line = '';
  }

  #shown(text: string): string {
    return this.tty ? text.replace(/\r?\n/g, '\r\n') : text;
  }
}
