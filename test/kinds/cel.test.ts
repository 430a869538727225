/** Rules in CEL as an API server runs them: Kubernetes' functions, optional values, and a limit of what a rule may cost. */
import { describe, expect, it } from 'vitest';
import { evaluate, type Outcome } from '../../src/kinds/cel/evaluator.ts';
import type { CelInput } from '@bufbuild/cel';
import { stopwatch } from '../support/work.ts';

const run = (rule: string, self: CelInput = new Map()): Outcome => evaluate(rule, { self });

const pod = new Map<string, CelInput>([
  ['name', 'web'],
  ['ports', [80n, 443n]],
  ['labels', new Map([['app', 'web']])],
]);

const holds = [
  'isIP("10.0.0.1") && isIP("fd00::1") && !isIP("10.0.0.01") && !isIP("300.1.1.1") && !isIP("::ffff:1.2.3.4") && isIP("::1.2.3.4")',
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
  // semver(), with and without what is forgiven
  'semver("1.2.3").major() == 1 && semver("1.2.3").minor() == 2 && semver("1.2.3").patch() == 3',
  'isSemver("1.2.3-beta.1+build.1") && !isSemver("") && !isSemver("v1.0.0") && !isSemver("1.1") && !isSemver("1")',
  '!isSemver(" 1.0.0") && !isSemver("1. 0.0") && !isSemver("1.0.0 ") && !isSemver("01.01.01")',
  'isSemver("v1.0.0", true) && isSemver("01.01.01", true) && isSemver("1", true) && isSemver("1.1", true)',
  '!isSemver("", true) && !isSemver(" 1.0.0", true) && !isSemver("1. 0.0", true) && !isSemver("1.0.0 ", true)',
  '!isSemver("1.0-rc.1", true) && !isSemver("1.0", false) && isSemver("v1.0.0-rc.1", true) && !isSemver("vv1", true)',
  'semver("v01.01", true) == semver("1.1.0") && semver("1.0.0+a") == semver("1.0.0+b") && semver("000", true).major() == 0',
  'semver("1.2.3") != semver("1.0.0") && semver("1.2.3").compareTo(semver("1.2.3")) == 0',
  'semver("1.0.0").isLessThan(semver("1.2.3")) && !semver("1.0.0").isLessThan(semver("1.0.0"))',
  'semver("1.2.3").isGreaterThan(semver("1.0.0")) && semver("1.10.0").compareTo(semver("1.9.0")) == 1',
  // What comes before a release, in the order of semver.org
  '["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"].all(i, v, ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"].all(j, w, semver(v).compareTo(semver(w)) == (i < j ? -1 : i > j ? 1 : 0)))',
  // Lists
  '[1, 1.0, "a", "a"].distinct() == [1, "a"] && [1, 2, 3].reverse() == [3, 2, 1] && lists.range(3) == [0, 1, 2]',
  '[3, 1, 2].sort() == [1, 2, 3] && ["b", "a"].sort() == ["a", "b"] && [[1], [2, [3]]].flatten() == [1, 2, [3]]',
  '[[1], [2, [3]]].flatten(2) == [1, 2, 3] && [1, 2, 3, 4].slice(1, 3) == [2, 3] && [1].slice(1, 1) == []',
  '[{"n": "b", "v": 1}, {"n": "a", "v": 2}].sortBy(e, e.n).map(e, e.v) == [2, 1]',
  '[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && ![].first().hasValue()',
  '"123 abc 456".findAll("[0-9]+") == ["123", "456"] && "123 abc 456".findAll("[0-9]+", 1) == ["123"]',
  '"12 a".findAll("[0-9]*") == ["12", "", ""] && "abc".findAll("x") == [] && "aa".findAll("a", -1) == ["a", "a"]',
  // Loops over two variables
  '[1, 2, 3].all(i, v, v == i + 1) && {"a": 1}.all(k, v, k == "a" && v == 1) && [].all(i, v, false)',
  '[5, 6].exists(i, v, i == 1 && v == 6) && [1, 1].existsOne(i, v, i == 0) && ![1, 1].exists_one(i, v, v == 1)',
  '[1, 2].transformList(i, v, i * v) == [0, 2] && {"a": 1, "b": 2}.transformList(k, v, v > 1, k) == ["b"]',
  '{"a": 1, "b": 2}.transformMap(k, v, v + 1) == {"a": 2, "b": 3} && [7].transformMap(i, v, i == 0, v) == {0: 7}',
  '{"a": "x"}.transformMapEntry(k, v, {v: k}) == {"x": "a"} && ["a"].transformMapEntry(i, v, i > 0, {v: i}) == {}',
  '[[1, 2], [3]].all(i, list, list.all(j, v, v > i + j)) && self.ports.all(i, p, i == 0 || p > self.ports[i - 1])',
  // Optional values
  'optional.of(1).optMap(x, x + 1).value() == 2 && !optional.none().optMap(x, x + 1).hasValue()',
  'optional.of("a").optFlatMap(x, {"a": 7}[?x]).value() == 7 && {"a": "b"}.?a.optMap(x, x + x).orValue("") == "bb"',
  'optional.unwrap([optional.of(1), optional.none()]) == [1] && [optional.of(2)].unwrapOpt() == [2]',
  // Named formats, and what they say
  '["dns1123Label", "dns1123LabelPrefix", "dns1123Subdomain", "dns1123SubdomainPrefix", "dns1035Label", "dns1035LabelPrefix", "qualifiedName", "labelValue", "uri", "uuid", "byte", "date", "datetime"].all(n, format.named(n).hasValue())',
  'format.named("uri").value() == format.uri() && format.uri() != format.uuid()',
  '!format.dns1123LabelPrefix().validate("my-label-prefix-").hasValue() && format.dns1123Label().validate("a-").hasValue()',
  '!format.dns1123SubdomainPrefix().validate("mysubdomain.prefix.-").hasValue() && format.dns1035LabelPrefix().validate("-").hasValue()',
  '!format.uri().validate("http://example.com").hasValue() && format.uri().validate("example").hasValue()',
  '!format.uuid().validate("123e4567-e89b-12d3-a456-426614174000").hasValue() && format.date().validate("2020-01-32").value() == ["invalid date"]',
  'format.byte().validate("aGVsbG8").value() == ["invalid base64"] && !format.byte().validate("aGVsbG8=").hasValue()',
  'format.dns1035Label().validate("contains a space").value()[0].startsWith("a DNS-1035 label must consist of")',
  'format.labelValue().validate("a!!").value()[0].startsWith("a valid label must be an empty string or")',
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
    ['semver("v1.0").major() == 1', 'No Major.Minor.Patch elements found'],
    ['semver("1.0.0-").major() == 1', 'Prerelease is empty'],
    ['semver("1.0.0-01").major() == 1', 'Numeric PreRelease version must not contain leading zeroes "01"'],
    ['semver("1.01.0").major() == 1', 'Minor number must not contain leading zeroes "01"'],
    ['semver("1.0.0+a_b").major() == 1', 'Invalid character(s) found in build meta data "a_b"'],
    ['semver("1.0-a", true).major() == 1', 'short version cannot contain PreRelease/Build meta data'],
    ['semver("1..0").major() == 1', 'strconv.ParseUint: parsing "": invalid syntax'],
    [
      'semver("18446744073709551616.0.0").major() == 1',
      'strconv.ParseUint: parsing "18446744073709551616": value out of range',
    ],
    ['[1, 2].slice(2, 1) == []', 'cannot slice(2, 1), start index must be less than or equal to end index'],
    ['[1, 2].slice(0, 3) == []', 'cannot slice(0, 3), list is length 2'],
    ['[1, "a"].sort() == []', 'list elements must have the same type'],
    ['{"a": "x", "b": "x"}.transformMapEntry(k, v, {v: k}) == {}', 'insert failed: key x already exists'],
  ])('%s', (rule, message) => {
    expect(run(rule, pod)).toEqual({ is: 'error', message });
  });
});

describe('what is not judged, for nobody knows', () => {
  it.each([
    ['self.ports.(', /cannot be read here/],
    ['self.ports.everyTime(p, true)', /cannot be run here/],
    ['self.name.matches("(")', /cannot be run here: the pattern \( cannot be tried/],
    ['authorizer.group("").resource("pods").check("get").allowed()', /cannot be run here/],
    ['[1].transformList(1, v, v) == []', /cannot be read here: transformList\(\) takes the name of a variable first/],
    ['"a".find("(") == ""', /cannot be run here: the pattern \( cannot be tried/],
    ['lists.range(90000).distinct().size() > 0', /cannot be run here: lists of 90000 and 90000 items/],
    ['lists.range(10000000).size() > 0', /cannot be run here: a list of 10000000 numbers/],
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
    const worked = stopwatch();
    expect(run(rule, many)).toMatchObject({ is: 'unjudged', why: expect.stringContaining('turns') as string });
    expect(worked()).toBeLessThan(3000);
  });

  it('one loop over a thousand items is judged', () => {
    expect(run('self.all(a, a < 1000)', many)).toEqual({ is: 'value', value: true });
  });

  it('text that grows without end is stopped', () => {
    const grows = `${'cel.bind(x, '.repeat(1)}self, ${'cel.bind(x, x + x, '.repeat(40)}size(x) > 0${')'.repeat(41)}`;
    expect(run(grows, 'ab'.repeat(1000))).toMatchObject({ is: 'unjudged' });
  });

  it('a pattern that would explode does not', () => {
    const worked = stopwatch();
    expect(run('self.matches("^(a+)+$")', `${'a'.repeat(5000)}b`)).toEqual({ is: 'value', value: false });
    expect(worked()).toBeLessThan(1000);
  });

  it('loops over two variables count, too', () => {
    expect(run('self.all(i, a, self.all(j, b, a != b || i == j))', many)).toMatchObject({
      is: 'unjudged',
      why: expect.stringContaining('turns') as string,
    });
  });

  it('the next rule has all of it again', () => {
    run('self.all(a, self.all(b, true))', many);
    expect(run('self.all(a, true)', many)).toEqual({ is: 'value', value: true });
  });
});
