/** What the doctor judges by: the members' metrics over a window, and what this machine tells. */
import type { MemberStatus } from "../etcd/control-messages.ts";
import type { MetricsPage } from "../etcd/metrics-page.ts";
import type { MachineState } from "../machine/machine-schema.ts";
import type { TargetChange } from "../result/schema.ts";
import type { Probes } from "./probes/probes.ts";

export interface Evidence {
  /** Of the window; null: of each member there is one page at most. */
  windowSeconds: number | null;
  /** Of the whole cluster, those that do not answer too. */
  members: readonly MemberEvidence[];
  /** What became of the cluster in the window, without its leaders; empty for pages from files. */
  changes: readonly TargetChange[];
  /** Null: the pages are from files, and nothing is known of where they were read. */
  client: ClientEvidence | null;
  probes: Probes;
}

export interface MemberEvidence {
  name: string;
  /** `host:port`; null: the pages are from a file. */
  endpoint: string | null;
  /** `http(s)://host:port` for its clients; null: the same. */
  url: string | null;
  /** In hex; null: no page and no answer told it. */
  id: string | null;
  /** At the beginning of the window; null: none could be read, for the reason in `fault`. */
  first: MetricsPage | null;
  /** At its end; null: the same, or there is one page alone. */
  last: MetricsPage | null;
  /** Between the two pages; null without both. */
  seconds: number | null;
  /** Why a page is missing, in a few words; null: none is. */
  fault: string | null;
  /** Gauges over the window, by name: a page shows only one point in time. */
  gauges: ReadonlyMap<string, GaugeSeen>;
  /** The answer to Status at the end; null: it was not asked, or did not answer. */
  status: MemberStatus | null;
  /** Null: they could not be read, as of a process on another machine. */
  settings: EtcdSettings | null;
  /** Whether it runs on this machine. */
  isLocal: boolean;
  /** Of a process on this machine; null: it is on another one, or is not found. */
  process: ProcessEvidence | null;
}

/** What was seen of a gauge once a second. */
export interface GaugeSeen {
  readings: number;
  least: number;
  most: number;
  mean: number;
  last: number;
}

/** Flags of etcd, from its command line and its variables; what was not given is etcd's default. */
export interface EtcdSettings {
  heartbeatMs: number;
  electionMs: number;
  quotaBytes: number;
  snapshotCount: number | null;
  /** `0`: none. */
  autoCompactionRetention: string;
  autoCompactionMode: string;
  /** Null where this process cannot find it. */
  dataDir: string | null;
  /** Null: it is in the folder of the data. */
  walDir: string | null;
  listenClientUrls: readonly string[];
  listenPeerUrls: readonly string[];
  isFsyncOff: boolean;
}

/** Of one process over the window; each is null where the system does not tell it. */
export interface ProcessEvidence {
  pid: number;
  cpuSeconds: number | null;
  /** How long its threads could have run and waited for a CPU, summed over threads. */
  runQueueSeconds: number | null;
  /** How often one of its threads got a CPU. */
  timeSlices: number | null;
  /** How long the quota of its control group kept it from running. */
  throttledSeconds: number | null;
  /** CPUs that it may use: of its affinity and its quota. */
  cpus: number | null;
}

/** Of this process and its machine over the window. */
export interface ClientEvidence {
  process: ProcessEvidence;
  /** Times in which it did not run, or one turn of its event loop took long. */
  pauses: { count: number; totalSeconds: number; longestSeconds: number };
  machine: MachineState | null;
}
