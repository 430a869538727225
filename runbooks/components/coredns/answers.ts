/** CoreDNS, for pods: its answers are about the names that were asked for, and the rest of the zone has answers too. */
import { answerOf } from '../../../src/formats/corefile/answer.ts';
import type { Directive, ServerBlock } from '../../../src/formats/corefile/corefile.ts';
import { defineCheck, pass, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { plain } from '../../../src/runbook/read.ts';
import { isNone, knownOr } from '../../../src/runbook/told.ts';
import { inCorefile, line } from '../../models/corefile-rules.ts';
import { answersFor, parentDomain, routedHostnames } from '../../models/in-cluster-names.ts';
import { onDemand } from '../../models/on-demand.ts';
import { corefile, httpRoutes, topologyReads } from '../../models/reads.ts';
import { stack } from '#stack';
import { loadsCorefile } from './coredns.ts';
import { edit, firstOfEach, fromGit, ofCorefile, showCorefile, type ConfigMap } from './corefile.ts';
import { leadsInside } from './leads-inside.ts';

const reads = { ...topologyReads, routes: plain(httpRoutes), corefile: plain(corefile) };

/** A hostname that a rule changed. */
interface Rewritten {
  config: ConfigMap;
  hostname: string;
  to: string;
  by: Directive;
}

export const restoresNames = defineCheck({
  id: 'coredns/answers-by-the-name-asked',
  title: 'CoreDNS answers by the name that was asked for',
  why: 'A rewritten name must be put back into the answer (answer auto): resolvers reject an answer about another name.',
  needs: [loadsCorefile, leadsInside],
  reads,
  commands: [showCorefile],
  findings: {
    notRestored: finding<Rewritten>({
      headline: 'CoreDNS answers {hostname} by another name',
      means:
        'The rule lacks “answer auto”. dig shows an address, and every program says that the name does not resolve.',
      message: ({ hostname, to }) =>
        `CoreDNS answers a question for ${hostname} with a record of ${to}: the rule lacks “answer auto”, and resolvers reject the answer.`,
      evidence: ({ config, by }) => [inCorefile(config, line(by), `${line(by)} answer auto`)],
      remedies: () => [edit('End the rule with “answer auto”.'), fromGit],
      explainedBy: () => [loadsCorefile.id],
    }),
  },
  judge: (values, { find }) =>
    ofCorefile(values, ({ config, corefile, files }) => {
      const rewritten = answersFor(corefile, routedHostnames(values), files).flatMap(({ hostname, answer }) =>
        answer?.rewritten === undefined ? [] : [{ config, hostname, ...answer.rewritten }],
      );
      if (isNone(rewritten)) return skip('CoreDNS rewrites none of the hostnames.');
      // A rule is one fault, however many hostnames it takes.
      const faulty = rewritten.filter(({ isRestored }) => !isRestored);
      if (faulty.length > 0) return firstOfEach(faulty, ({ by }) => line(by)).map(find.notRestored);
      return pass(
        `CoreDNS puts the name back into its answer for ${rewritten.map(({ hostname }) => hostname).join(', ')}.`,
      );
    }),
});

export const answersApex = defineCheck({
  id: 'coredns/answers-the-apex',
  title: 'CoreDNS answers the rest of the zone too',
  why: 'A server block takes over its whole zone: what no plugin in it answers is SERVFAIL for pods, though it resolves everywhere else.',
  needs: [loadsCorefile],
  reads,
  commands: [showCorefile],
  findings: {
    unanswered: finding<{ config: ConfigMap; block: ServerBlock; apex: string }>({
      headline: 'CoreDNS does not answer the rest of {apex}',
      means:
        'The server block answers the names that its rules match, and no other name of the zone: it lacks the plugin forward.',
      message: ({ block, apex }) =>
        `In the server block ${block.title} no plugin answers ${apex} itself, nor any name that its rules do not match: pods get SERVFAIL.`,
      evidence: ({ config, block }) => [inCorefile(config, block.plugins.map(line), 'also forward . 1.1.1.1 1.0.0.1')],
      remedies: () => [edit('Add “forward . 1.1.1.1 1.0.0.1” to the block.'), fromGit],
      explainedBy: () => [loadsCorefile.id],
    }),
  },
  judge: (values, { find }) =>
    ofCorefile(values, ({ config, corefile, files }) => {
      const routed = onDemand(() => new Set(routedHostnames(values).map(parentDomain)));
      const zones = corefile.blocks.flatMap((block) =>
        block.zones.map(({ name }) => ({ block, apex: name, ...answerOf(block, name, 'A', files) })),
      );
      // Of a zone that is answered nobody needs to know whether anything is routed in it.
      const isOurs = ({ apex, result }: (typeof zones)[number]): boolean =>
        apex === stack.domain ||
        (result.kind === 'nothing' ? routed().has(apex) : knownOr(false, () => routed().has(apex)));
      const own = zones.filter(isOurs);
      if (own.length === 0) return skip('No server block takes over the domain.');
      return own.map(({ block, apex, plugin, result }) => {
        return result.kind === 'nothing'
          ? find.unanswered({ config, block, apex })
          : pass(`${apex} is answered by the plugin ${plugin}.`);
      });
    }),
});
