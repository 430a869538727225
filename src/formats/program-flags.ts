/** How the programs of the stack read their flags: facts of their own sources, for `flagsOf`. */
import type { FlagRules } from './container-flags.ts';

/** kingpin, with an environment variable for each flag. [ExternalDNS 0.19 to 0.22, pkg/apis/externaldns/types.go] */
export const externalDnsRules: FlagRules = {
  environment: 'EXTERNAL_DNS_',
  negations: true,
  booleans: [
    'always-publish-not-ready-addresses',
    'cloudflare-custom-hostnames',
    'cloudflare-proxied',
    'cloudflare-regional-services',
    'combine-fqdn-annotation',
    'create-ptr',
    'dry-run',
    'enable-legacy-annotation-prefix',
    'events',
    'exclude-unschedulable',
    'expose-internal-ipv6',
    'force-default-targets',
    'gateway-listener-sets',
    'ignore-hostname-annotation',
    'ignore-ingress-rules-spec',
    'ignore-ingress-tls-spec',
    'ignore-non-host-network-pods',
    'listen-endpoint-events',
    'once',
    'prefer-alias',
    'publish-host-ip',
    'publish-internal-services',
    'resolve-service-load-balancer-hostname',
    'txt-encrypt-enabled',
    'webhook-server',
  ],
};

/** pflag, without the environment. [cert-manager 1.19, cmd/controller] */
export const certManagerRules: FlagRules = {
  booleans: [
    'acme-http01-solver-run-as-non-root',
    'dns01-recursive-nameservers-only',
    'enable-certificate-owner-ref',
    'enable-gateway-api',
    'enable-profiling',
    'leader-elect',
  ],
};
