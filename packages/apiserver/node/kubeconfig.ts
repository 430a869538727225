/** A kubeconfig with one context, complete in itself. */
import { toBase64 } from '../bytes/base64.ts';

export interface Way {
  /** What cluster and context are called. */
  name: string;
  /** `https://127.0.0.1:PORT` */
  server: string;
  /** The certificate of the authority that the server's is signed by; PEM. */
  ca: string;
  user: string;
  token: string;
}

export const kubeconfig = ({ name, server, ca, user, token }: Way): string => `apiVersion: v1
kind: Config
clusters:
  - name: ${name}
    cluster:
      server: ${server}
      certificate-authority-data: ${toBase64(ca)}
users:
  - name: ${user}
    user:
      token: ${token}
contexts:
  - name: ${name}
    context:
      cluster: ${name}
      user: ${user}
current-context: ${name}
`;
