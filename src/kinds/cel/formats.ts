/** Kubernetes' named formats: `!format.dns1123Label().validate(self.name).hasValue()` [k8s.io/apiserver 0.36, pkg/cel/library/format.go]. */
import { celFunc, celMethod, CelScalar, type CelFunc } from '@bufbuild/cel';
import { isOfFormat } from '../formats.ts';
import { dnsLabel, dnsSubdomain, fits, isLabelValue, isQualifiedName, serviceName } from '../metadata.ts';
import { expectText, opaque } from './opaque.ts';
import { none, some } from './optionals.ts';

const { DYN, STRING } = CelScalar;
const type = 'kubernetes.NamedFormat';

const withoutDash = (text: string): string => text.replace(/-$/, '');

const judges: Readonly<Record<string, (text: string) => boolean>> = {
  dns1123Label: (text) => fits(text, dnsLabel),
  dns1123LabelPrefix: (text) => fits(withoutDash(text), dnsLabel),
  dns1123Subdomain: (text) => fits(text, dnsSubdomain),
  dns1123SubdomainPrefix: (text) => fits(withoutDash(text), dnsSubdomain),
  dns1035Label: (text) => fits(text, serviceName),
  dns1035LabelPrefix: (text) => fits(withoutDash(text), serviceName),
  qualifiedName: isQualifiedName,
  labelValue: isLabelValue,
  uri: (text) => URL.canParse(text) || text.startsWith('/'),
  uuid: (text) => isOfFormat(text, 'uuid'),
  byte: (text) => isOfFormat(text, 'byte'),
  date: (text) => isOfFormat(text, 'date'),
  datetime: (text) => isOfFormat(text, 'date-time'),
};

export const formatFunctions: readonly CelFunc[] = [
  ...Object.keys(judges).map((name) => celFunc(`format.${name}`, [], DYN, () => opaque(type, name))),
  celFunc('format.named', [STRING], DYN, (name) => (name in judges ? some(opaque(type, name)) : none())),
  celMethod('validate', DYN, [STRING], DYN, function (text) {
    const name = expectText(this, type);
    return judges[name]?.(text) === true ? none() : some([`must be of format ${name}`]);
  }),
];
