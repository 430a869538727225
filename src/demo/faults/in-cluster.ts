/** Faults of what pods are led by: the cluster's CoreDNS, and the internal Service that it leads to. */
import { ownerName } from '../controllers/envoy-gateway/managed.ts';
import { defineFault, type FaultOf } from '../fault.ts';
import { servicePort } from '../objects/build/services.ts';
import { escaped, internalName } from '../objects/coredns.ts';
import { hostnamePattern } from '../objects/tailnet-resolver.ts';
import { certificate, coreDnsFiles, expired, internalService, merge } from './roles.ts';

/** kubeadm's server block, as an upgrade writes it. */
const plainBlock = `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

/** The same with all that kubeadm says today. */
const fullBlock = `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
        max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

export const inClusterFaults: readonly FaultOf[] = [
  // An upgrade of the cluster wrote kubeadm's own Corefile back: pods get the tailnet address, which they cannot route to.
  defineFault({
    id: 'coredns-reset',
    title: 'CoreDNS lost its server block for the domain',
    component: 'coredns',
    runbook: 'in-cluster-access',
    rootCause: 'coredns/leads-to-the-internal-service#no-block',
    since: '40m',
    needs: { coreDnsFiles, internalService },
    cause: (cast) => ({ changes: [merge(cast.coreDnsFiles, { data: { Corefile: plainBlock } })] }),
  }),
  // Two words went missing in an edit. dig shows an address, and every program says that the name does not resolve.
  defineFault({
    id: 'rewrite-without-answer-auto',
    title: 'CoreDNS rewrites the hostnames and does not put them back',
    component: 'coredns',
    runbook: 'in-cluster-access',
    rootCause: 'coredns/answers-by-the-name-asked#not-restored',
    since: '40m',
    needs: { coreDnsFiles, internalService },
    cause: (cast, stack) => {
      const block = `${stack.domain}:53 {
    errors
    rewrite name regex ${hostnamePattern(stack.domain)} ${internalName(stack)}
    kubernetes cluster.local
    forward . 1.1.1.1 1.0.0.1
    cache 30
    reload
}
`;
      return { changes: [merge(cast.coreDnsFiles, { data: { Corefile: block + plainBlock } })] };
    },
  }),
  // The rewrite of the split horizon was widened and catches _acme-challenge: cert-manager never sees the record that it wrote.
  defineFault({
    id: 'challenge-behind-split-horizon',
    title: 'CoreDNS hides the DNS-01 record from cert-manager',
    component: 'coredns',
    runbook: 'certificate-not-ready',
    rootCause: 'cert-manager/sees-public-dns#rewritten',
    since: '32d',
    needs: { coreDnsFiles, internalService, certificate },
    cause: (cast, stack) => {
      const block = `${stack.domain}:53 {
    errors
    rewrite name regex ^[^.]+\\.${escaped(stack.domain)}\\.$ ${internalName(stack)} answer auto
    kubernetes cluster.local
    forward . 1.1.1.1 1.0.0.1
    cache 30
    loadbalance
    reload
}

`;
      return {
        changes: [merge(cast.coreDnsFiles, { data: { Corefile: block + fullBlock } }), expired(cast.certificate)],
      };
    },
  }),
  // The Gateway was renamed once, and the Service still selects the Envoy of the old one.
  defineFault({
    id: 'internal-service-selector',
    title: 'The internal Service selects the Envoy of a Gateway that is gone',
    component: 'internal-service',
    runbook: 'in-cluster-access',
    rootCause: 'internal-service/selects-envoy#nothing',
    since: '40m',
    needs: { internalService },
    cause: (cast, stack) => ({
      changes: [
        merge(cast.internalService, {
          spec: { selector: { [ownerName]: stack.gateway.name === 'home-gateway' ? 'old-gateway' : 'home-gateway' } },
        }),
      ],
    }),
  }),
  // Somebody "corrected" the odd-looking 10443.
  defineFault({
    id: 'internal-service-wrong-port',
    title: 'The internal Service leads to port 443, and Envoy listens on 10443',
    component: 'internal-service',
    runbook: 'in-cluster-access',
    rootCause: 'internal-service/port-reaches-envoy#wrong-target',
    since: '40m',
    needs: { internalService },
    cause: (cast) => ({
      changes: [merge(cast.internalService, { spec: { ports: [servicePort('https', 443, 443)] } })],
    }),
  }),
];
