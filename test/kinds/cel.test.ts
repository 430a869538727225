/** Rules in CEL as an API server runs them: Kubernetes' functions, optional values, and a limit of what a rule may cost. */
import { describe, expect, it } from 'vitest';
import { evaluate, type Outcome } from '../../src/kinds/cel/evaluator.ts';
import type { CelInput } from '@bufbuild/cel';

const run = (rule: string, self: CelInput = new Map()): Outcome => evaluate(rule, { self });

const pod = new Map<string, CelInput>([
  ['name', 'web'],
  ['ports', [80n, 443n]],
  ['labels', new Map([['app', 'web']])],
]);

const holds = [
  'isIP("10.0.0.1") && isIP("fd00::1") && !isIP("10.0.0.01") && !isIP("300.1.1.1") && !isIP("::ffff:1.2.3.4")',
  'ip("fd00::0:1") == ip("fd00::1") && ip("fd00::1").family() == 6 && !ip.isCanonical("fd00::0:1")',
  'ip("127.0.0.1").isLoopback() && ip("169.254.0.1").isLinkLocalUnicast() && ip("8.8.8.8").isGlobalUnicast()',
  'string(ip("FD00::1")) == "fd00::1"',
  'isCIDR("10.0.0.0/8") && !isCIDR("10.0.0.0/33") && !isCIDR("10.0.0.0/08") && !isCIDR("10.0.0.0")',
  'cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsIP(ip("11.0.0.1"))',
  'cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && !cidr("10.1.0.0/16").containsCIDR("10.0.0.0/8")',
  'cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8") && cidr("fd00::/64").prefixLength() == 64',
  'isURL("https://example.com:8443/a?b=c") && !isURL("example") && isURL("/path")',
  'url("https://example.com:8443/a%20b?x=1").getHost() == "example.com:8443"',
  'url("https://[::1]:80/").getHostname() == "::1" && url("https://a:80/b").getPort() == "80"',
  'url("https://a/b?x=1&x=2").getQuery()["x"] == ["1", "2"] && url("HTTPS://a/b%20c").getEscapedPath() == "/b%20c"',
  'quantity("1500m") == quantity("1.5") && quantity("1Ki").isGreaterThan(quantity("1k"))',
  'quantity("1").add(quantity("500m")).compareTo(quantity("1500m")) == 0 && quantity("2").asInteger() == 2',
  'isQuantity("1.5Gi") && !isQuantity("1.5 Gi") && !isQuantity("") && quantity("-1").sign() == -1',
  '!format.dns1123Label().validate("web-1").hasValue() && format.dns1123Label().validate("Web").hasValue()',
  'format.named("qualifiedName").hasValue() && !format.named("nothing").hasValue()',
  '!format.qualifiedName().validate("a.b/c").hasValue() && format.labelValue().validate("a b").hasValue()',
  '[1, 2, 3].isSorted() && ![3, 1].isSorted() && [1, 2, 3].sum() == 6 && [1.5, 1.5].sum() == 3.0',
  '[3, 1, 2].min() == 1 && ["a", "c"].max() == "c" && ["a", "b", "a"].lastIndexOf("a") == 2',
  'sets.contains([1, 2, 3], [3, 1]) && sets.equivalent([1, 2, 2], [2, 1]) && !sets.intersects([1], [2])',
  '"a,b".split(",") == ["a", "b"] && ["a", "b"].join("-") == "a-b" && " a ".trim() == "a"',
  '"aBc".lowerAscii() == "abc" && "aBc".upperAscii() == "ABC" && "abc".charAt(1) == "b"',
  '"banana".replace("a", "o", 2) == "bonona" && "banana".indexOf("n") == 2 && "banana".substring(1, 3) == "an"',
  '"%s-%d".format(["a", 3]) == "a-3"',
  '"web-12".matches("^(?P<name>[a-z]+)-[0-9]+$") && "web-12".find("[0-9]+") == "12"',
  'duration("1h30m") > duration("5400s") - duration("1s") && duration("90s").getMinutes() == 1',
  'cel.bind(x, "a" + "b", x + x) == "abab"',
  '{"a": 1}.?b.orValue(2) == 2 && {"a": {"b": 1}}.?a.b.orValue(0) == 1 && [1][?3].orValue(7) == 7',
  'has({"a": {"b": 1}}.?a.b) && !optional.none().hasValue() && optional.of(1).or(optional.of(2)).value() == 1',
  '".?a[?0]" == \'.?a[?0]\'',
  'self.name == "web" && self.ports.exists(p, p == 443) && self.ports.all(p, p > 1) && self.labels["app"] == "web"',
  'self.ports[0] == 80.0 && size(self.labels) == 1 && "app" in self.labels && !has(self.missing)',
  'has(self.labels.app) && has([self][0].name)',
  'self.missing == 1 || true',
];

describe('what holds', () => {
  it.each(holds)('%s', (rule) => {
    expect(run(rule, pod)).toEqual({ is: 'value', value: true });
  });
});

describe('what an API server takes for an error', () => {
  it.each([
    ['self.missing == 1', 'no such key: missing'],
    ['self.ports[7] == 1', 'index out of bounds: 7'],
    ['1 / 0 == 1', 'division by zero'],
    ['ip("none").family() == 4', "IP Address 'none' parse error during conversion from string"],
    ['[].min() == 1', 'min called on empty list'],
  ])('%s', (rule, message) => {
    expect(run(rule, pod)).toEqual({ is: 'error', message });
  });
});

describe('what is not judged, for nobody knows', () => {
  it.each([
    ['self.ports.(', /cannot be read here/],
    ['self.ports.everyTime(p, true)', /cannot be run here/],
    ['self.name.matches("(")', /cannot be run here: the pattern \( cannot be tried/],
    ['semver("1.0.0").major() == 1', /cannot be run here/],
  ])('%s', (rule, why) => {
    expect(run(rule, pod)).toMatchObject({ is: 'unjudged', why: expect.stringMatching(why) as string });
  });
});

describe('what a rule may cost', () => {
  const many: CelInput = Array.from({ length: 1000 }, (_, index) => BigInt(index));

  it.each([
    ['a loop in a loop over a thousand items', 'self.all(a, self.all(b, a != b || a == b))'],
    ['loops over what loops made', 'self.map(a, a).all(a, [1, 2, 3].map(b, self).all(c, c.all(d, true)))'],
    [
      'a list that doubles',
      `${'cel.bind(x, '.repeat(3)}self + self, ${'x + x), '.repeat(2)}[x, x, x].all(y, (y + y + y + y + y + y + y + y + y + y + y + y + y + y).size() < 5 || self.all(z, self.all(q, true))))`,
    ],
  ])('%s ends with a word', (_title, rule) => {
    const start = performance.now();
    expect(run(rule, many)).toMatchObject({ is: 'unjudged', why: expect.stringContaining('turns') as string });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('one loop over a thousand items is judged', () => {
    expect(run('self.all(a, a < 1000)', many)).toEqual({ is: 'value', value: true });
  });

  it('text that grows without end is stopped', () => {
    const grows = `${'cel.bind(x, '.repeat(1)}self, ${'cel.bind(x, x + x, '.repeat(40)}size(x) > 0${')'.repeat(41)}`;
    expect(run(grows, 'ab'.repeat(1000))).toMatchObject({ is: 'unjudged' });
  });

  it('a pattern that would explode does not', () => {
    const start = performance.now();
    expect(run('self.matches("^(a+)+$")', `${'a'.repeat(5000)}b`)).toEqual({ is: 'value', value: false });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('the next rule has all of it again', () => {
    run('self.all(a, self.all(b, true))', many);
    expect(run('self.all(a, true)', many)).toEqual({ is: 'value', value: true });
  });
});
