/**
 * Everything that can be wrong with a kubeconfig, for faces to tell apart: without one, for example, there is the demo.
 */
export type KubeconfigErrorCode =
  | 'no-kubeconfig'
  | 'unreadable'
  | 'invalid'
  | 'no-current-context'
  | 'unknown-context'
  | 'unknown-cluster'
  | 'unknown-user';

/** The kubeconfig does not say whom to ask: what is wrong with it, and what to do. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly code: KubeconfigErrorCode;
  readonly hint: string;

  constructor(code: KubeconfigErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
