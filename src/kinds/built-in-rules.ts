/**
 * Rules of built-in kinds that no schema states, because the API server's own code does (pkg/apis, validation): those that
 * people trip over in manifests.
 */
import { requirementsOf, selects } from '../formats/label-selector.ts';
import type { Unjudged, Violation } from './violation.ts';

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function judgeBuiltIn(object: Unjudged): readonly Violation[] {
  const spec = fields((object as { spec?: unknown }).spec);
  switch (`${String(object.apiVersion)} ${String(object.kind)}`) {
    case 'v1 Pod':
      return judgePod(spec, 'spec');
    case 'v1 Service':
      return items(spec['ports']).flatMap((port, index) =>
        portNumber(fields(port)['port'], `spec.ports[${index}].port`),
      );
    case 'apps/v1 Deployment':
    case 'apps/v1 DaemonSet':
    case 'apps/v1 StatefulSet':
      return [
        ...judgeSelector(spec),
        ...judgePod(fields(fields(spec['template'])['spec']), 'spec.template.spec', claimTemplates(spec)),
      ];
    case 'batch/v1 Job':
      return judgeJob(spec, 'spec');
    case 'batch/v1 CronJob':
      return judgeJob(fields(fields(spec['jobTemplate'])['spec']), 'spec.jobTemplate.spec');
    default:
      return [];
  }
}

function judgeSelector(spec: Fields): readonly Violation[] {
  const labels = fields(fields(fields(spec['template'])['metadata'])['labels']);
  const { selector } = spec;
  // One that is missing, or written wrongly, is the schema's to tell.
  if (requirementsOf(selector) === undefined || selects(selector, labels)) return [];
  const path = 'spec.template.metadata.labels';
  return [
    {
      path,
      kind: 'invalid',
      message: `${path}: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
      observed: labels,
      hint: 'The template’s labels must hold everything that spec.selector.matchLabels asks for.',
    },
  ];
}

function judgeJob(spec: Fields, path: string): readonly Violation[] {
  const pod = fields(fields(spec['template'])['spec']);
  const policy = pod['restartPolicy'];
  const at = `${path}.template.spec.restartPolicy`;
  return [
    ...(policy === 'OnFailure' || policy === 'Never'
      ? []
      : [
          {
            path: at,
            kind: 'unsupported' as const,
            message: `${at}: Required value: valid values: "OnFailure", "Never"`,
            observed: policy,
          },
        ]),
    ...judgePod(pod, `${path}.template.spec`),
  ];
}

/** The volumes that a StatefulSet makes for each of its pods. */
const claimTemplates = (spec: Fields): readonly unknown[] =>
  items(spec['volumeClaimTemplates']).map((claim) => fields(fields(claim)['metadata'])['name']);

/** @param claimed Names of volumes that do not stand in the pod's own list. */
function judgePod(pod: Fields, path: string, claimed: readonly unknown[] = []): readonly Violation[] {
  const volumes = [...items(pod['volumes']).map((volume) => fields(volume)['name']), ...claimed];
  return ['initContainers', 'containers'].flatMap((list) =>
    items(pod[list]).flatMap((item, index) => {
      const container = fields(item);
      const here = `${path}.${list}[${index}]`;
      return [
        ...(container['image'] === undefined || container['image'] === ''
          ? [
              {
                path: `${here}.image`,
                kind: 'missing' as const,
                message: `${here}.image: Required value`,
                observed: container['image'],
              },
            ]
          : []),
        ...items(container['ports']).flatMap((port, at) =>
          portNumber(fields(port)['containerPort'], `${here}.ports[${at}].containerPort`),
        ),
        ...items(container['volumeMounts']).flatMap((mount, at) => {
          const { name } = fields(mount);
          return typeof name !== 'string' || volumes.includes(name)
            ? []
            : [
                {
                  path: `${here}.volumeMounts[${at}].name`,
                  kind: 'invalid' as const,
                  message: `${here}.volumeMounts[${at}].name: Not found: ${JSON.stringify(name)}`,
                  observed: name,
                  hint: `${path}.volumes has no volume of that name.`,
                },
              ];
        }),
      ];
    }),
  );
}

const portNumber = (port: unknown, path: string): readonly Violation[] =>
  typeof port !== 'number' || (port >= 1 && port <= 65535)
    ? []
    : [
        {
          path,
          kind: 'invalid',
          message: `${path}: Invalid value: ${port}: must be between 1 and 65535, inclusive`,
          observed: port,
        },
      ];
