/**
 * Runbooks work out what a Corefile answers, and the demo's DNS answers from it, in the cluster and on the tailnet. They say the same,
 * whatever stands in it: a verdict that the practice cluster contradicts would teach something wrong.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answersFor } from '../../runbooks/models/in-cluster-names.ts';
import { stack } from '#stack';
import { partNames } from '../../runbooks/parts.ts';
import { resolverAnswer } from '../../runbooks/models/tailnet-resolver-objects.ts';
import { lookUpFromPods } from '../../src/demo/exec/cluster-dns.ts';
import { views } from '../../src/demo/network/names.ts';
import { bringAbout } from '../../src/demo/node/scenario.ts';
import type { DnsAnswer } from '../../src/formats/corefile/answer.ts';
import { parseCorefile } from '../../src/formats/corefile/parse.ts';
import { restored } from '../../src/formats/corefile/rewrite.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';

const now = new Date('2026-11-22T12:00:00Z');
const { state, world } = bringAbout({ changes: [] }, { now });

const codes: Readonly<Record<string, number>> = { NXDOMAIN: 3, REFUSED: 5, NOTIMP: 4 };
const serverFailure = 2;

interface Told {
  rcode: number;
  values: readonly string[];
  /** Whether the answer is one about the name that was asked for. */
  isRestored: boolean;
}

/** What somebody who asks sees, as the runbooks work it out. */
function expected(answer: DnsAnswer | undefined, name: string, type: string, knowsServices: boolean): Told {
  if (answer === undefined) return { rcode: 5, values: [], isRestored: true };
  const { result, rewritten } = answer;
  const [asked, askedType] = [rewritten?.to ?? name, rewritten?.type ?? type];
  const isRestored = rewritten?.isRestored ?? true;
  const none = (rcode: number): Told => ({ rcode, values: [], isRestored: true });
  switch (result.kind) {
    case 'records':
      return { rcode: 0, values: result.values, isRestored };
    case 'empty':
      return none(0);
    case 'code':
      return none(codes[result.code] ?? serverFailure);
    case 'forwarded': {
      const { rcode, records } = views(state.objects, world.facts).public(asked, askedType);
      // A rule for values changes the names that others answered.
      const values = records.map((record) => (rewritten === undefined ? record : restored(rewritten, record)).data);
      return { rcode, values, isRestored: records.length === 0 || isRestored };
    }
    case 'service': {
      const found = state.objects.find(
        ({ kind, metadata }) =>
          kind === 'Service' && metadata.name === result.name && metadata.namespace === result.namespace,
      ) as unknown as KubeObject<'Service'> | undefined;
      if (!knowsServices || found === undefined) return none(3);
      const values = askedType === 'A' ? [found.spec?.clusterIP ?? ''] : [];
      return { rcode: 0, values, isRestored: values.length === 0 || isRestored };
    }
    case 'elsewhere':
    case 'nothing':
      return none(serverFailure);
  }
}

function writeCorefile(namespace: string, name: string, text: string): void {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { Corefile: text } };
  state.change([{ op: 'merge', object }], now);
}

/** Asks both, of both servers. */
function compare(text: string, name: string, type: string): void {
  writeCorefile(stack.coredns.namespace, stack.coredns.configMap, text);
  writeCorefile(partNames.tailnetResolver.namespace, partNames.tailnetResolver.name, text);
  const corefile = parseCorefile(text);
  const config = { data: { Corefile: text } } as unknown as KubeObject<'ConfigMap'>;
  const pods = answersFor(corefile, [name], {})[0]?.answer;
  const seen = [
    // answersFor asks for addresses of version 4 only.
    ...(type === 'A' ? [{ told: lookUpFromPods(state, world, name, type), answer: pods, knowsServices: true }] : []),
    {
      told: views(state.objects, world.facts).tailnet(name, type),
      answer: resolverAnswer(
        { corefile, config, service: undefined, deployment: undefined, updater: undefined },
        name,
        type,
      ),
      knowsServices: false,
    },
  ];
  for (const { told, answer, knowsServices } of seen) {
    const { rcode, values, isRestored } = expected(answer, name, type, knowsServices);
    const records = told?.records ?? [];
    const wanted = records.filter(
      (record) => record.type === (answer?.rewritten?.type ?? type) || record.type === 'CNAME',
    );
    expect({ rcode: told?.rcode, values: wanted.map(({ data }) => data) }, text).toEqual({ rcode, values });
    const given = wanted.filter((record) => record.type !== 'CNAME').map((record) => record.name);
    if (answer?.rewritten !== undefined && answer.result.kind !== 'records' && given.length > 0) {
      expect(
        given.every((one) => one === name),
        text,
      ).toBe(isRestored);
    }
  }
}

const { domain } = stack;
const service = `${partNames.internalService.name}.${partNames.internalService.namespace}.svc.cluster.local`;

describe('the same answer from runbooks and demo', () => {
  it.each([
    '',
    'kubernetes cluster.local\nforward . 1.1.1.1',
    `rewrite name regex (.*)\\.${domain} ${service} answer auto\nkubernetes cluster.local\nforward . 1.1.1.1`,
    `rewrite name regex (.*)\\.${domain} ${service}\nkubernetes cluster.local`,
    `rewrite name substring a. b.\nforward . 1.1.1.1`,
    `rewrite name regex (?i)^(?P<host>.*)\\.${domain.toUpperCase()}\\.$ {1}.other answer auto\nforward . 1.1.1.1`,
    `rewrite name docs.${domain} ${service}\nkubernetes cluster.local`,
    `rewrite name suffix .${domain} .svc.cluster.local answer auto\nkubernetes cluster.local`,
    'template IN A {\n answer "{{ .Name }} 60 IN A 192.0.2.1"\n}\nforward . 1.1.1.1',
    `template IN A {\n match ^x\\.\n answer "{{ .Name }} 60 IN A 192.0.2.1"\n}\nforward . 1.1.1.1`,
    `template IN ANY {\n match "^(?P<h>[a-z]+)\\.${domain}\\.$"\n answer "{{ .Name }} 60 IN CNAME {{ .Group.h }}.example."\n fallthrough\n}\nforward . 1.1.1.1`,
    'template ANY ANY {\n rcode NXDOMAIN\n}',
    `hosts {\n 192.0.2.9 docs.${domain}\n fallthrough\n}\nforward . 1.1.1.1`,
    `hosts {\n 192.0.2.9 docs.${domain}\n}\nforward . 1.1.1.1`,
    `forward . 1.1.1.1 {\n except ${domain}\n}`,
    `forward ${domain} 1.1.1.1`,
    'file db.example',
    'rewrite name regex (a?){1000} b.c\nforward . 1.1.1.1',
  ])('%j', (plugins) => {
    for (const zone of ['.', domain, `${domain}:1053`, 'example.org'])
      for (const name of [`docs.${domain}`, `vault.${domain}`, domain, 'x.example.org', `_acme-challenge.${domain}`])
        for (const type of ['A', 'AAAA', 'TXT']) compare(`${zone} {\n${plugins}\n}`, name, type);
  });

  const label = fc.constantFrom('docs', 'vault', 'a', 'aa', 'x', 'svc', domain, 'cluster.local', 'example.org');
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
  const piece = fc.constantFrom(
    '(.*)',
    '([a-z]+)',
    '^',
    '$',
    '\\.',
    '.',
    'docs',
    'a',
    domain,
    '(?i)',
    '(?P<n>x)',
    '(',
    '{2}',
    '?',
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
  const target = fc.oneof(
    name,
    fc.constant(service),
    fc.constantFrom('{1}', '{0}', `{1}.${domain}`, '{1}.{2}.example'),
  );
  const back = fc.constantFrom('', ' answer auto', ` answer name (.*) {1}`, ' answer value (.*) {1}.x', ' answer');
  const rule = fc.oneof(
    fc
      .tuple(fc.constantFrom('exact', 'prefix', 'suffix', 'substring'), name, name, back)
      .map((words) => words.slice(0, 3).join(' ') + words[3]),
    fc.tuple(pattern, target, back).map(([from, to, more]) => `regex ${from} ${to}${more}`),
  );
  const rewrite = fc
    .tuple(fc.constantFrom('', 'stop ', 'continue '), rule)
    .map(([mode, words]) => `rewrite ${mode}name ${words}`);
  const answer = fc.constantFrom(
    '"{{ .Name }} 60 IN A 192.0.2.1"',
    '"{{ .Name }} 60 IN AAAA 2001:db8::1"',
    '"{{ index .Match 1 }} IN A 192.0.2.2"',
    '"{{ .Name }} CNAME {{ .Group.n }}.example."',
    '"{{ .Name }} 60 IN TXT \\"x\\""',
    '"{{ .Remote }}"',
  );
  const template = fc
    .tuple(
      fc.constantFrom('A', 'AAAA', 'ANY', 'CNAME'),
      fc.option(name),
      fc.option(pattern),
      answer,
      fc.constantFrom('', 'fallthrough', 'rcode NXDOMAIN', `fallthrough ${domain}`),
    )
    .map(
      ([type, zone, match, text, more]) =>
        `template IN ${type} ${zone ?? ''} {\n${match === null ? '' : `  match "${match}"\n`}  answer ${text}\n  ${more}\n}`,
    );
  const last = fc.constantFrom(
    'kubernetes cluster.local',
    'forward . 1.1.1.1',
    `forward ${domain} 1.1.1.1`,
    '',
    'kubernetes cluster.local {\n fallthrough\n}',
  );
  const plugins = fc.array(fc.oneof(rewrite, template, last), { maxLength: 6 });
  const block = fc
    .tuple(fc.constantFrom('.', domain, '.:1053', 'cluster.local', 'example.org:1053'), plugins)
    .map(([zone, lines]) => `${zone} {\n${lines.join('\n')}\n}`);

  it('for any rewrites, templates and names', () => {
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 3 }),
        name,
        fc.constantFrom('A', 'AAAA', 'TXT', 'CNAME'),
        (blocks, asked, type) => {
          compare(blocks.join('\n'), asked, type);
        },
      ),
      { numRuns: 1500, seed: Number(process.env['SEED'] ?? -1945134174) },
    );
  });
});
