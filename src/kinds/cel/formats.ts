/** Kubernetes' named formats: `!format.dns1123Label().validate(self.name).hasValue()` [k8s.io/apiserver 0.36, pkg/cel/library/format.go]. */
import { celFunc, celMethod, CelScalar, type CelFunc } from '@bufbuild/cel';
import { isOfFormat } from '../formats.ts';
import {
  dnsLabel,
  dnsSubdomain,
  fits,
  isQualifiedName,
  labelValueShape,
  qualifiedNameText,
  serviceName,
  type Shape,
} from '../metadata.ts';
import { expectText, opaque } from './opaque.ts';
import { none, some } from './optionals.ts';
import { isUrl } from './urls.ts';

const { DYN, STRING } = CelScalar;
const type = 'kubernetes.NamedFormat';

interface Format {
  holds: (text: string) => boolean;
  /** What is said of a text that is none. */
  says: (text: string) => string;
}

const shaped = (shape: Shape): Format => ({
  holds: (text) => fits(text, shape),
  says: ({ length }) => (length > shape.longest ? `must be no more than ${shape.longest} bytes` : shape.text),
});

/** What comes before a generated ending: a last dash, and what stands before it, are not looked at [validation.maskTrailingDash]. */
function prefix(shape: Shape): Format {
  const { holds, says } = shaped(shape);
  const masked = (text: string): string => (/.-$/s.test(text) ? `${text.slice(0, -2)}a` : text);
  return { holds: (text) => holds(masked(text)), says: (text) => says(masked(text)) };
}

const ofFormat = (name: string, says: string): Format => ({
  holds: (text) => isOfFormat(text, name),
  says: () => says,
});

const formats: Readonly<Record<string, Format>> = {
  dns1123Label: shaped(dnsLabel),
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123Subdomain: shaped(dnsSubdomain),
  dns1123SubdomainPrefix: prefix(dnsSubdomain),
  dns1035Label: shaped(serviceName),
  dns1035LabelPrefix: prefix(serviceName),
  qualifiedName: { holds: isQualifiedName, says: () => qualifiedNameText },
  labelValue: shaped(labelValueShape),
  uri: { holds: isUrl, says: (text) => `parse ${JSON.stringify(text)}: invalid URI for request` },
  uuid: ofFormat('uuid', 'does not match the UUID format'),
  byte: ofFormat('byte', 'invalid base64'),
  date: ofFormat('date', 'invalid date'),
  datetime: ofFormat('date-time', 'invalid datetime'),
};

export const formatFunctions: readonly CelFunc[] = [
  ...Object.keys(formats).map((name) => celFunc(`format.${name}`, [], DYN, () => opaque(type, name))),
  celFunc('format.named', [STRING], DYN, (name) => (Object.hasOwn(formats, name) ? some(opaque(type, name)) : none())),
  celMethod('validate', DYN, [STRING], DYN, function (text) {
    const format = formats[expectText(this, type)];
    return format === undefined || format.holds(text) ? none() : some([format.says(text)]);
  }),
];
