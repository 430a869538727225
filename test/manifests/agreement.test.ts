/** How far what is said of manifests, and what the demo's controller writes, agrees with the real Envoy Gateway. Skipped by name without its cases. */
import { beforeAll, describe, expect, it } from 'vitest';
import { agreementOn, figures, type Agreement } from '../support/agreement.ts';
import { goldens, goldensFolder } from '../support/goldens.ts';

const all = goldens();

/** Cases with a refusal that only a cluster can tell, and why. */
const onlyACluster: Readonly<Record<string, string>> = {
  'gateway-invalid-tls-backend': 'a Secret is in no manifest, and so is any ReferenceGrant',
  'gateway-with-attached-routes': 'a listener’s Secret is in no manifest',
  'gateway-with-listener-with-invalid-multiple-tls-configuration': 'a listener’s Secret is in no manifest',
  'gateway-with-listener-with-invalid-tls-configuration-secret-does-not-exist': 'a listener’s Secret is in no manifest',
  'gateway-with-listener-with-invalid-tls-configuration-secret-in-other-namespace': 'no manifest is a ReferenceGrant',
  'httproute-with-backendref-in-other-namespace-allowed-by-refgrant': 'no manifest is a ReferenceGrant',
};

/** Cases that the translator takes and that are wrong all the same, and why. */
const wrongAnyhow: Readonly<Record<string, string>> = {
  'accesslog-als-grpc': 'an API server refuses an EndpointSlice without addressType',
  'envoyproxy-accesslog-file-json-no-format': 'an API server refuses a JSON format without its field',
  'envoyproxy-accesslog-types': 'an API server refuses access log settings without sinks',
  'gateway-with-invalid-infrastructure-parametersref-does-not-exist':
    'the EnvoyProxy that the Gateway names is not there',
  'gateway-with-invalid-infrastructure-parametersref-fallback': 'the EnvoyProxy that the Gateway names is not there',
  'httproute-with-header-filter-duplicate-removes': 'an API server refuses the same header twice',
  'httproute-with-multi-gateways-notmatch': 'the Gateway that the route names is not there',
  'httproute-with-response-header-filter-duplicate-add-multiple-filters': 'an API server refuses the same filter twice',
  'httproute-with-response-header-filter-duplicate-removes': 'an API server refuses the same header twice',
};

/** The cases that lines speak of, each once. */
const casesIn = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.map((line) => line.slice(0, line.indexOf(':')))),
];

describe.skipIf(all.length === 0)(`Envoy Gateway’s own cases (${goldensFolder})`, () => {
  let found: Agreement;
  beforeAll(async () => {
    found = await agreementOn(all);
    const told = (title: string, lines: readonly string[]): string =>
      [`${title}: ${lines.length}`, ...lines].join('\n  ');
    console.log(
      [
        figures(found),
        told('Refused, and not named', found.unnamed),
        told('Accepted, and not quiet', found.loud),
        told('Conditions that differ', found.differing),
      ].join('\n'),
    );
  }, 600_000);

  it('are judged as the controller does, where it refuses something and manifests can tell', () => {
    expect(casesIn(found.unnamed).filter((name) => !(name in onlyACluster))).toEqual([]);
  });
  it('are left alone where it accepts everything, and an API server does', () => {
    expect(casesIn(found.loud).filter((name) => !(name in wrongAnyhow))).toEqual([]);
  });
  it('have the conditions that the controller writes', () => {
    expect(found.differing).toEqual([]);
    expect(found.alikeRefusals).toBe(found.refusals);
  });
});
