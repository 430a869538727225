/** The listeners of the stack file: hints, as all of its names are. */
import { place, sh } from '../../src/runbook/shell.ts';
import { stack } from '#stack';
import { has } from '../parts.ts';
import { listenerFor, listenersOf } from '../stack-listeners.ts';

/** That of the app which examples follow, and so do commands. */
export const followedListener = listenerFor(stack, stack.app.hostname);

/** Its Certificate, and the Secret of that. */
export const { certificate: followedCertificate } = followedListener;

/** What `kubectl get certificate` is asked for all of them. */
export const stackCertificates = has('wildcard') ? place(followedCertificate) : sh`-n ${stack.certificate.namespace}`;

export const stackListeners = listenersOf(stack);
