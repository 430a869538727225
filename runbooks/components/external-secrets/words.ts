/** What is said to External Secrets, by Vault and by its providers for others: which of a store’s words mean what. */

/** What Vault and others say to a caller that they do not let in. */
export const isRefusal = (text: string): boolean =>
  /\b40[13]\b|permission denied|invalid token|unauthori[sz]ed|forbidden|expired/i.test(text);

/** What they say of one entry alone; however many ExternalSecrets get it, each has its own to mend. A host is no entry. */
export const isOwnFault = (text: string): boolean =>
  /not exist|not found|no such (?!host)|cannot find secret|could not find|property|no value|\b404\b/i.test(text);
