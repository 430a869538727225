/** What a stack file says: the names of somebody's stack. Whatever speaks of the stack takes its names from there. */

export interface Named {
  namespace: string;
  name: string;
}

/** An app behind the Gateway: a Deployment, a Service and an HTTPRoute, all of one name. */
export interface App extends Named {
  hostname: string;
  /** The Service's port. */
  port: number;
  /** Where the container listens. */
  containerPort: number;
  image: string;
  /** Whether its route asks ExternalDNS for a public record that leads into the tailnet; of no account without ExternalDNS. */
  exposed: boolean;
  /** What it is, where the demo cluster is to show it as `apps/` has it; any other is a plain web server. */
  program?: 'handbook' | 'headlamp' | 'jellyfin';
}

/** The parts that a stack may be without. Each is a section of the stack file, and null there in a stack that has no such thing. */
export interface Parts {
  /** Another way to Envoy for pods: a Service, and CoreDNS's rules that lead the hostnames to it. */
  internalService: Named;
  cilium: { namespace: string; configMap: string; daemonSet: string };
  externalDns: { namespace: string; deployment: string; owner: string; tokenSecret: string };
  /** Copies the credentials out of Vault; without both of them, their Secrets are made by hand. */
  externalSecrets: { namespace: string; deployment: string; store: string };
  vault: { namespace: string; service: string; port: number; hostname: string };
  /** Answers the tailnet for the domain; `updater` keeps the address that it answers with. */
  tailnetResolver: Named & { device: string; updater: string };
  /** The hostname that answers differently on and off the tailnet; its route is not exposed to ExternalDNS. */
  splitHorizon: { hostname: string; pages: string };
}

/** The parts, as a stack file has them. Whoever reads a name of one says what becomes of it without: `runbooks/parts.ts`. */
export type Sections = { [P in keyof Parts]: Parts[P] | null };

/** What a stack may be without: a section, or the one certificate for every hostname. */
export type Part = keyof Parts | 'wildcard';

export interface Stack extends Sections {
  site: {
    title: string;
    /** Where the public copy is published; every address starts from it. */
    url: string;
    repository: string;
    branch: string;
  };
  /** The zone whose hostnames the Gateway serves. */
  domain: string;
  /** The tailnet's MagicDNS suffix. */
  tailnet: string;
  /** The machine, in the demo cluster: one is enough to show everything. */
  node: { name: string; address: string };
  /** What a `loadBalancerClass` must say for the Tailscale Operator to take a Service. */
  loadBalancerClass: string;
  gatewayClass: { name: string };
  /** With a certificate for each hostname `listener` holds `{host}`, as the names of `certificate` do. */
  gateway: Named & { listener: string };
  envoyProxy: Named;
  /** The tailnet device that the Tailscale proxy in front of Envoy registers as. */
  device: { name: string; tag: string };
  /**
   * What each Certificate beside the Gateway covers: the `domain`, with one wildcard and one listener for every hostname; or one `hostname`, each
   * of which has a listener and a Certificate of its own. In their names `{host}` stands for the hostname below the domain then, with dashes for
   * dots: `{host}-tls` is `docs-tls` for docs.example.org.
   */
  certificate: Named & { secret: string; covers: 'domain' | 'hostname' };
  clusterIssuer: { name: string; email: string };
  envoyGateway: { namespace: string; deployment: string; controllerName: string };
  tailscaleOperator: { namespace: string; deployment: string; oauthSecret: string };
  coredns: { namespace: string; configMap: string; deployment: string };
  certManager: { namespace: string; deployment: string; tokenSecret: string };
  /** The app that examples and the request path follow. */
  app: App;
  /** Every app behind the Gateway but Vault, in the order of `apps/`. */
  apps: readonly App[];
}
