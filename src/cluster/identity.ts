/** Who asks, and how: to be said before anything is asked. */
import type { Target } from './kubeconfig.ts';
import { shorten } from '../runbook/words.ts';

export interface Identity {
  /** What the kubeconfig calls the user; empty when the context names none. */
  readonly user: string;
  readonly impersonates: null | {
    readonly user?: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra: Readonly<Record<string, readonly string[]>>;
  };
  /** The program that gives the credentials, without its arguments, which may be secret. */
  readonly plugin: string | null;
  /** Whether what answers must show a certificate that proves it to be the server. */
  readonly tlsVerified: boolean;
  readonly server: string;
  readonly context: string;
  /** Where the kubeconfig was found, for sentences. */
  readonly origin: string;
}

/** @param server As it may be shown. */
export function identityOf({ context, origin, cluster, user, userName }: Target, server: string): Identity {
  return {
    user: userName,
    impersonates: user.as
      ? {
          user: user.as,
          ...(user['as-uid'] && { uid: user['as-uid'] }),
          groups: user['as-groups'] ?? [],
          extra: user['as-user-extra'] ?? {},
        }
      : null,
    plugin: user.exec?.command ?? null,
    tlsVerified: cluster.server.startsWith('https:') && cluster['insecure-skip-tls-verify'] !== true,
    server,
    context,
    origin,
  };
}

/** In short sentences: whom, as whom, and what of it is out of the ordinary. */
export function identityLines(identity: Identity): string[] {
  const { user, impersonates, plugin, tlsVerified, server, context, origin } = identity;
  return [
    `Asks ${shorten(server)} (context ${shorten(context)} of ${shorten(origin)}) ${user === '' ? 'as nobody in particular' : `as user ${shorten(user)}`}.`,
    ...(impersonates === null ? [] : [`Impersonates ${somebody(impersonates)}.`]),
    ...(plugin === null ? [] : [`Logs in with the plugin ${shorten(plugin)}, which runs now.`]),
    ...(server.startsWith('http:')
      ? ['Nothing is encrypted: anybody between here and there can read along, and answer.']
      : tlsVerified
        ? []
        : ['TLS is not verified: anybody between here and there can answer.']),
  ];
}

function somebody({ user, uid, groups, extra }: NonNullable<Identity['impersonates']>): string {
  const more = [
    ...(uid === undefined ? [] : [`uid ${uid}`]),
    ...(groups.length === 0 ? [] : [`${groups.length === 1 ? 'group' : 'groups'} ${groups.join(', ')}`]),
    ...Object.entries(extra).map(([key, values]) => `${key} ${values.join(', ')}`),
  ];
  return shorten(`${user ?? 'nobody'}${more.length === 0 ? '' : ` with ${more.join(', ')}`}`);
}
