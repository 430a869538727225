/** Tailnet resolver, its Corefile: whether CoreDNS can load it, and takes up what the updater writes. [CoreDNS 1.12 and 1.13] */
import { pluginsOf, type Corefile } from '../../../src/formats/corefile/corefile.ts';
import { defineCheck, nameOf, pass, refOf } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { foundOr } from '../../../src/runbook/told.ts';
import {
  inCorefile,
  judgePatterns,
  judgeUpstreams,
  ofCorefile,
  patternFindings,
  upstreamFindings,
} from '../../models/corefile-rules.ts';
import { deployments, resolverConfig } from '../../models/reads.ts';
import { isNamed } from '../../models/topology.ts';
import { partNames } from '../../parts.ts';
import {
  edit,
  noCorefile,
  reads,
  restartDisturbs,
  showCorefile,
  whereConfigured,
  type Configured,
} from './resolver.ts';

const { namespace, name } = partNames.tailnetResolver;

export const loadsCorefile = defineCheck({
  id: 'tailnet-resolver/loads-its-corefile',
  title: 'The tailnet resolver can load its Corefile',
  why: 'A fault in it is refused as a whole: a running resolver keeps the old one, a restarted one does not come up.',
  reads: { config: plain(resolverConfig), deployments: raw(deployments) },
  commands: [showCorefile, sh`kubectl logs -n ${namespace} deployment/${name} --tail=50`],
  findings: {
    refused: finding<Pick<Configured, 'config' | 'corefile'>>({
      headline: 'CoreDNS refuses the Corefile of {config}',
      means: 'A block is left open, a zone is claimed twice, or a plugin is told something that it does not take.',
      message: ({ config, corefile }) =>
        `CoreDNS refuses the Corefile of ConfigMap ${nameOf(config)}: ${corefile.faults.join(' ')}`,
      evidence: ({ config, corefile }) => [
        inCorefile(config, corefile.faults, 'blocks that close, and each zone claimed once'),
      ],
      remedies: () => [edit('Correct the Corefile.')],
    }),
    ...upstreamFindings(edit),
  },
  judge: ({ config, deployments }, { find }) =>
    ofCorefile(config, noCorefile, (configured) => {
      const { faults, blocks } = configured.corefile;
      return faults.length > 0
        ? find.refused(configured)
        : foundOr(
            `The Corefile serves ${blocks.map(({ title }) => title).join(', ')}.`,
            judgeUpstreams(configured, deployments, (one) => isNamed(one, { namespace, name }), find),
          );
    }),
});

export const rulesCanMatch = defineCheck({
  id: 'tailnet-resolver/rules-can-match',
  title: 'Every rule of the tailnet resolver’s Corefile can match a name',
  why: 'A rule that matches nothing is loaded without complaint, and names go past it.',
  needs: [loadsCorefile],
  reads: { config: plain(resolverConfig) },
  commands: [showCorefile],
  findings: patternFindings(edit),
  judge: ({ config }, { find }) => ofCorefile(config, noCorefile, (configured) => judgePatterns(configured, find)),
});

export const reloads = defineCheck({
  id: 'tailnet-resolver/reloads-its-corefile',
  title: 'The tailnet resolver takes up a changed Corefile by itself',
  why: 'The updater writes a new address into the Corefile; without the plugin reload nobody reads it until a restart.',
  reads,
  commands: [showCorefile],
  findings: {
    mountedBySubPath: finding<{ deployment: KubeObject<'Deployment'>; subPath: string }>({
      headline: '{deployment} mounts its Corefile with subPath',
      means: 'The kubelet updates a ConfigMap that is mounted as a directory, and never a single file of it.',
      outcome: 'warned',
      message: ({ deployment }) =>
        `Deployment ${nameOf(deployment)} mounts its Corefile with subPath: the file in the pod never changes, whatever the updater writes.`,
      evidence: ({ deployment, subPath }) => [
        {
          object: refOf(deployment),
          path: 'spec.template.spec.containers[*].volumeMounts[*].subPath',
          observed: subPath,
          expected: 'the whole directory mounted',
        },
      ],
      remedies: ({ deployment }) => [
        {
          title: 'Mount the ConfigMap as a directory.',
          commands: [sh`kubectl edit deployment ${place(deployment.metadata)}`],
          disturbs: restartDisturbs,
        },
      ],
    }),
    neverReloads: finding<{ config: KubeObject<'ConfigMap'> }>({
      headline: 'The Corefile of {config} has no reload',
      means: 'No server block has the plugin reload, and the updater does not restart the resolver either.',
      outcome: 'warned',
      message: ({ config }) =>
        `The Corefile of ConfigMap ${nameOf(config)} has no reload: a new address is not answered until the resolver restarts.`,
      evidence: ({ config }) => [inCorefile(config, 'no reload', 'reload 15s')],
      remedies: () => [edit('Add “reload” to a server block; this once, restart the resolver.')],
    }),
  },
  judge: (values, { find }) =>
    whereConfigured(values, (found) => {
      const { config, corefile, deployment } = found;
      const subPath = subPathOf(config, deployment);
      if (hasReload(corefile) && subPath === undefined) return pass('The plugin reload is on.');
      // What restarts it by itself needs neither.
      if (restartsResolver(found.updater))
        return pass('The updater restarts the resolver when it has changed the address.');
      return deployment !== undefined && subPath !== undefined
        ? find.mountedBySubPath({ deployment, subPath })
        : find.neverReloads({ config });
    }),
});

const hasReload = ({ blocks }: Corefile): boolean => blocks.some((block) => pluginsOf(block, 'reload').length > 0);

function restartsResolver(updater: KubeObject<'CronJob'> | undefined): boolean {
  const containers = updater?.spec.jobTemplate.spec?.template.spec?.containers ?? [];
  const script = containers.flatMap(({ command = [], args = [] }) => [...command, ...args]).join('\n');
  return /rollout\s+restart|delete\s+pod/.test(script);
}

/** The part of a ConfigMap that a Deployment mounts as a file of its own. */
function subPathOf(
  { metadata }: KubeObject<'ConfigMap'>,
  deployment: KubeObject<'Deployment'> | undefined,
): string | undefined {
  const { containers = [], volumes = [] } = deployment?.spec?.template.spec ?? {};
  const own = volumes.filter(({ configMap }) => configMap?.name === metadata.name);
  return containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .find((mount) => mount.subPath !== undefined && own.some((volume) => volume.name === mount.name))?.subPath;
}
