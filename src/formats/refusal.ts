/** The one error that people are shown as it stands: what they gave cannot be used, and what to do about it. */

export interface RefusalOptions extends ErrorOptions {
  /** For faces that tell some refusals apart. */
  code?: string;
}

/** What a person gave cannot be used. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** What is wrong: how the program was called, or an input (a kubeconfig, a manifest, a snapshot) that cannot be opened or is not what it should be. */
  readonly of: 'usage' | 'input';
  /** What to do. */
  readonly hint: string;
  readonly code: string | undefined;

  constructor(of: 'usage' | 'input', message: string, hint: string, { code, ...options }: RefusalOptions = {}) {
    super(message, options);
    this.of = of;
    this.hint = hint;
    this.code = code;
  }
}
