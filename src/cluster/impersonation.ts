/** Headers that ask the API server to take the user for somebody else, as kubectl sends them. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { UserEntry } from './kubeconfig-file.ts';

export function impersonation(user: UserEntry): OutgoingHttpHeaders {
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [
    `Impersonate-Extra-${headerKey(key)}`,
    values.map(utf8),
  ]);
  return {
    ...(user.as && { 'Impersonate-User': utf8(user.as) }),
    ...(user['as-uid'] && { 'Impersonate-Uid': utf8(user['as-uid']) }),
    ...(user['as-groups']?.length && { 'Impersonate-Group': user['as-groups'].map(utf8) }),
    ...(Object.fromEntries(extra) as OutgoingHttpHeaders),
  };
}

/** Percent-encodes what no header's name may hold, and the percent sign itself [client-go, transport/round_trippers.go]. */
const headerKey = (key: string): string =>
  [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** Node writes one byte for each character, Go the bytes of UTF-8: another name would be another user. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
