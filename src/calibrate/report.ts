/**
 * Describes a calibration's findings as plain data, which `--output json` prints and tables are made
 * of.
 */
import type { Environment } from "../result/environment.ts";

export const CALIBRATION_SCHEMA_VERSION = 1;

export type ClientName = "wire" | "grpc-js" | "gateway" | "h2load" | "etcd-benchmark";

/** What one client's requests cost; all rounds together. A figure that could not be had is null. */
export interface CostFigures {
  /** The workload by its name, or `watch-event` for what is counted in it. */
  operation: string;
  client: ClientName;
  /** Answered in the measured phases. */
  requests: number;
  /** User and system time of the client's whole process over its requests. */
  cpuMicrosPerRequest: number | null;
  /** The same of each round, in order. */
  roundsCpuMicrosPerRequest: (number | null)[];
  /** The wire transport's CPU per request over this client's. */
  wireOverThis: number | null;
  /** Of one worker thread; h2load has one too, etcd's own tool one for each core. */
  requestsPerSec: number;
  /** Of one core. */
  cpuPercent: number | null;
  serverCpuMicrosPerRequest: number;
  /** Of one core, while the client was measured. */
  serverCpuPercent: number;
}

/** How punctual a paced run is, and what that costs. */
export interface LagFigures {
  wait: "nap" | "spin" | "timer";
  ratePerSec: number;
  sentPerSec: number;
  dispatchLagP50Ms: number | null;
  dispatchLagP99Ms: number | null;
  /** Of one core. */
  cpuPercent: number | null;
}

export interface PercentileError {
  percentile: number;
  /** By the server's own histogram of the delays that it gave the same requests. */
  trueMs: number | null;
  /** The client's service time. */
  measuredMs: number | null;
  errorMs: number | null;
  errorPercent: number | null;
}

export interface AccuracyFigures {
  loop: "closed" | "paced";
  /** Null in a closed loop. */
  ratePerSec: number | null;
  connections: number;
  clients: number;
  requests: number;
  /** Equal to `requests` unless something is wrong. */
  delayedByServer: number;
  percentiles: PercentileError[];
}

export interface CalibrationReport {
  schemaVersion: typeof CALIBRATION_SCHEMA_VERSION;
  kind: "calibration";
  /** ISO 8601, UTC. */
  startedAt: string;
  durationSeconds: number;
  /** Sections that an interruption left unfinished are null. */
  status: "complete" | "interrupted";
  isQuick: boolean;
  environment: Environment;
  /** Of the last minute before the start: what else the machine had to do. */
  loadAverage1m: number;
  load: {
    workers: 1;
    connections: number;
    clients: number;
    keySizeBytes: number;
    valSizeBytes: number;
  };
  cost: CostFigures[] | null;
  dispatchLag: LagFigures[] | null;
  percentileErrors: AccuracyFigures[] | null;
  /** What a reader must know, a sentence each. */
  notes: string[];
}
