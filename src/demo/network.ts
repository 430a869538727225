/**
 * What of the homelab no object of the cluster says: the tailnet's DNS settings, the records at Cloudflare, the certificate that
 * Envoy really holds. A fault changes it like objects; what it does not mention follows from the objects.
 */
export interface Network {
  /** Whether the tailnet's DNS settings send the domain to the tailnet resolver; true when left out. */
  splitDns?: boolean;
  /** Records of public DNS, in place of every record that the objects give their names. */
  publicRecords?: readonly PublicRecord[];
  /** The validity of the certificate that Envoy serves, in place of the Certificate's; times as in objects, such as `{{ago 3d}}`. */
  servedCertificate?: { notBefore: string; notAfter: string };
}

export interface PublicRecord {
  name: string;
  type: 'A' | 'AAAA' | 'CNAME';
  data: string;
}
