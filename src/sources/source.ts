/** What a person can choose to ask, and what that is once it is open. */
import type { Part } from '../runbook/apart.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { ClusterSource, ProbeSource } from '../runbook/source.ts';

export type Choice =
  | ({ source: 'live' } & ClusterChoice)
  | { source: 'demo'; scenario: string; trouble?: string }
  | { source: 'snapshot'; file: string }
  | {
      source: 'manifests';
      places: readonly string[];
      exclude?: readonly string[];
      crds?: string;
      /** Whose kinds the manifests are held against. */ cluster?: ClusterChoice;
    };

/** A cluster by the kubeconfig; the usual one, and its current context, where nothing is named. */
export interface ClusterChoice {
  kubeconfig?: string;
  context?: string;
}

export interface Source {
  cluster: ClusterSource;
  probes: ProbeSource | undefined;
  /** What a snapshot was taken with; it holds nothing for other inputs. */
  inputs?: Readonly<Record<string, string>>;
  /** What the source itself gives to examine, before all else. */
  runbook?: Runbook;
  /** Every cluster, where there are several, each to be examined by itself; `cluster` and `runbook` are those of the first. */
  apart?: readonly Part[];
  /** Who asks whom, and how, in sentences: to be said before anything is asked. */
  identity?: readonly string[];
  /** What was left out, for people. */
  notes?: readonly string[];
  /** A clock of its own, where what is asked has one. */
  now?: () => Date;
  close: () => Promise<void>;
}

export interface OpenOptions {
  /** How long one request may take. */
  timeoutMs?: number;
  /** Ends what is asked before anything can be run. */
  signal?: AbortSignal;
  /** The demo cluster's time, for recordings. */
  now?: Date;
}

/** The clusters of a source. */
export const partsOf = ({ apart, cluster, runbook }: Source): readonly Part[] =>
  apart ?? [{ name: '', cluster, runbook }];
