/** What can be wrong with a choice of whom to ask, for faces to tell apart. */

/** A choice that cannot be carried out: what is wrong with it and what to do about it. */
export class ChoiceError extends Error {
  override readonly name: string = 'ChoiceError';
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** The choice is one, but what it names (a kubeconfig, a manifest, a snapshot) cannot be opened, or is not what it should be. */
export class InputError extends ChoiceError {
  override readonly name = 'InputError';
}
