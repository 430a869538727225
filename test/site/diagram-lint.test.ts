/** What the lint of diagrams finds, and that it finds nothing in a sound one. */
import { describe, expect, it } from 'vitest';
import { lintDiagram } from '../../src/site/diagrams/lint.ts';

const messages = (source: string): string[] => lintDiagram(source).map(({ line, message }) => `${line}: ${message}`);
const flowchart = (...lines: string[]): string =>
  ['flowchart LR', '  accTitle: T', '  accDescr: D', ...lines].join('\n');

describe('lintDiagram', () => {
  it('is silent about a sound flowchart', () => {
    expect(
      messages(
        flowchart(
          'subgraph tailnet["Tailnet (private)"]',
          '  client["Your Mac/Phone"]',
          'end',
          'client -->|"1. [DNS]: (x)"| envoy{Envoy}',
          'envoy-->app-pod(("App pod"))',
          'client & envoy --> tailnet',
          'app-pod -.-> client',
        ),
      ),
    ).toEqual([]);
  });

  it('is silent about a sound sequence diagram', () => {
    expect(
      messages(
        'sequenceDiagram\naccTitle: T\naccDescr {\n  D\n}\nparticipant a as Client\nactor b\na->>b: hello [x](y)',
      ),
    ).toEqual([]);
  });

  it('asks for a title and a description', () => {
    expect(messages('%% comment\nflowchart TB\n  a --> b')).toEqual([
      expect.stringMatching(/^2: add a line "accTitle/),
      expect.stringMatching(/^2: add a line "accDescr/),
    ]);
  });

  it('finds a node that is also a subgraph', () => {
    expect(
      messages(flowchart('subgraph Gateway["Gateway API"]', '  Gateway["Gateway tailscale-gateway"]', 'end')),
    ).toEqual(['5: "Gateway" is a node here and a subgraph on line 4; ids must differ.']);
  });

  it('finds a node with two labels, but allows the same one again', () => {
    expect(messages(flowchart('a["One"] --> b', 'a["One"] --> c', 'a["Two"] --> d'))).toEqual([
      expect.stringMatching(/^6: "a" is defined again: \["Two"\] here, \["One"\] on line 4/),
    ]);
  });

  it('finds a participant with two names', () => {
    expect(messages('sequenceDiagram\naccTitle: T\naccDescr: D\nparticipant a as One\nparticipant a as Two')).toEqual([
      expect.stringMatching(/^5: "a" is defined again/),
    ]);
  });

  it('refuses a kind that is not painted', () => {
    expect(messages('pie\n "a": 1')).toEqual([expect.stringMatching(/^1: "pie" is not a kind/)]);
  });
});
