/** Owns a whole, valid RunResult for tests, to be changed where a test needs it otherwise. */
import type { RunPlan } from "../src/plan/schema.ts";
import type { Latency, OperationResult, RunResult, ServerResult } from "../src/result/schema.ts";

/** Any part of `T`, at any depth; arrays are given whole. */
export type Overrides<T> = {
  [K in keyof T]?: T[K] extends unknown[] | null
    ? T[K]
    : T[K] extends object
      ? Overrides<T[K]>
      : T[K];
};

/** A closed-loop put run of 100,000 requests by 1000 clients over 100 connections, all well. */
export function resultFixture(overrides: Overrides<RunResult> = {}): RunResult {
  return merge<RunResult>(
    {
      schemaVersion: 1,
      id: "mfy3k2a1x9k2",
      origin: "measured",
      startedAt: "2026-08-01T10:11:12.345Z",
      measuredAt: "2026-08-01T10:11:13.250Z",
      durationSeconds: 2.5,
      status: "complete",
      verdict: { kind: "valid", reasons: [] },
      notes: [],
      thresholds: [],
      plan: planFixture(),
      search: null,
      environment: {
        tool: "etcd-bench 0.1.0",
        node: "v20.19.0",
        os: "Debian GNU/Linux 12 x64",
        kernel: "Linux 6.1.0",
        cpuModel: "Testing CPU 3000",
        cpus: 2,
        cpusAvailable: 2,
        memoryBytes: 8e9,
        memoryLimitBytes: null,
      },
      target: {
        endpoints: ["127.0.0.1:12379", "127.0.0.1:12380", "127.0.0.1:12381"],
        clusterId: "cdf818194e3a8c32",
        version: "3.5.30",
        dataFileSystem: "ext4",
        members: [0, 1, 2].map((at) => ({
          name: `m${at + 1}`,
          endpoint: `127.0.0.1:${12379 + at}`,
          version: "3.5.30",
          isLeader: at === 1,
          isLearner: false,
          dbSizeBytes: 20_000_000,
        })),
        connections: [],
        changes: [],
      },
      faults: [],
      operations: [operationFixture()],
      moments: [],
      hashKv: null,
      client: {
        transport: "wire",
        workers: 1,
        connections: 100,
        clients: 1000,
        cpuMicrosPerRequest: 5.25,
        cpuSeconds: 0.525,
        cpuPercent: 21,
        busyPercentMax: 37,
        eventLoopDelayP50Ms: 0.5,
        eventLoopDelayP99Ms: 1.5,
        cpuWaitPercentMax: 2,
        dispatchLagP50Ms: null,
        dispatchLagP99Ms: null,
        rssMaxBytes: 91_000_000,
        pauses: {
          count: 0,
          totalMs: 0,
          longestMs: 0,
          percent: 0,
          mainThreadCount: 0,
          mainThreadTotalMs: 0,
          longest: [],
        },
      },
      machine: {
        loadAverage1m: 0.4,
        otherCpuPercent: 1,
        idleCpuPercent: 40,
        stealPercent: 0,
        cpuPressurePercent: 3,
        ioPressurePercent: 1,
        memoryPressurePercent: 0,
        throttledSeconds: null,
        suspendedSeconds: 0,
      },
      server: [1, 2, 3].map((at) => serverFixture({ member: `m${at}` })),
    },
    overrides,
  );
}

export function planFixture(overrides: Overrides<RunPlan> = {}): RunPlan {
  return merge<RunPlan>(
    {
      target: {
        endpoints: ["127.0.0.1:12379", "127.0.0.1:12380", "127.0.0.1:12381"],
        leaderOnly: false,
        metricsEndpoints: null,
        tls: null,
        user: null,
        local: null,
        ignoresQuota: false,
      },
      workload: {
        kind: "put",
        keys: {
          keySizeBytes: 8,
          keySpaceSize: 100_000,
          sequential: true,
          popularity: "uniform",
          prefix: "",
          encoding: "fixed",
        },
        valSizeBytes: 256,
        valueSize: null,
      },
      load: {
        connections: 100,
        clients: 1000,
        workers: 1,
        transport: "wire",
        timeoutMs: 10_000,
        dialTimeoutMs: null,
        seed: 1,
      },
      pacing: { ratePerSec: null, arrival: "constant", wait: "nap" },
      limits: {
        totalRequests: 100_000,
        durationMs: null,
        warmupRequests: null,
        warmupMs: null,
      },
      maintenance: { compaction: null, defragmentation: null },
      judge: { maxErrorRate: 0, thresholds: [], strict: false, checkHashKv: false },
      search: null,
      labels: {},
      cleanup: false,
    },
    overrides,
  );
}

export function operationFixture(overrides: Overrides<OperationResult> = {}): OperationResult {
  return merge<OperationResult>(
    {
      name: "put",
      durationSeconds: 2.5,
      throughputPerSec: 40_000,
      requests: {
        offered: 100_000,
        started: 100_000,
        succeeded: 100_000,
        failed: 0,
        dropped: 0,
        resent: 0,
      },
      serviceTime: latencyFixture(),
      responseTime: null,
      failedTime: null,
      moments: null,
      counters: {},
      losses: [],
      quantities: {},
      received: null,
      fairness: null,
      errors: [],
      intervals: [
        {
          startSeconds: 0,
          durationSeconds: 1,
          succeeded: 41_000,
          failed: 0,
          minMs: 1.25,
          meanMs: 24.4,
          p50Ms: 23.9,
          p99Ms: 51.2,
          maxMs: 60.5,
          responseP99Ms: null,
          atLeast: null,
          receivedKeys: null,
          receivedBytes: null,
        },
      ],
      littlesLaw: { expectedMeanMs: 25, measuredMeanMs: 25.1, ratio: 1.004 },
    },
    overrides,
  );
}

/** The histogram is null: a test that needs one records its own. */
export function thresholdFixture(
  expression: string,
  overrides: Partial<RunResult["thresholds"][number]> = {},
): RunResult["thresholds"][number] {
  const none = { outcome: null, atLeast: null, atMost: null, reason: null, tooFewSamples: [] };
  return { expression, actual: null, passed: false, ...none, ...overrides };
}

export function latencyFixture(overrides: Overrides<Latency> = {}): Latency {
  return merge<Latency>(
    {
      count: 100_000,
      meanMs: 25.1,
      stddevMs: 6.4,
      minMs: 1.25,
      p50Ms: 24.2,
      p90Ms: 33.3,
      p95Ms: 38.7,
      p99Ms: 52.6,
      p999Ms: 71.8,
      maxMs: 88.9,
      histogram: null,
      missing: null,
      atLeast: null,
      atMost: null,
    },
    overrides,
  );
}

export function serverFixture(overrides: Overrides<ServerResult> = {}): ServerResult {
  return merge<ServerResult>(
    {
      endpoint: "127.0.0.1:12379",
      member: "m1",
      rssMeanBytes: 101_000_000,
      rssMaxBytes: 117_000_000,
      cpuSeconds: 1.75,
      cpuPercent: 70,
      walFsyncP99Ms: 3.9,
      backendCommitP99Ms: 15.6,
      leaderChanges: 0,
      slowApplies: 0,
      failedProposals: 0,
      dbSizeBytes: 20_000_000,
      samples: null,
    },
    overrides,
  );
}

/** The range counterpart of `resultFixture`: one consistency, or both in one result. */
export function rangeResultFixture(
  consistency: ("linearizable" | "serializable")[] = ["linearizable"],
  overrides: Overrides<RunResult> = {},
): RunResult {
  const range = resultFixture({
    plan: planFixture({
      workload: {
        kind: "range",
        key: null,
        end: null,
        prefix: false,
        limit: null,
        content: "all",
        sort: null,
        fetch: "whole",
        keySpace: null,
        keySizeBytes: 8,
        valSizeBytes: 256,
        valueSize: null,
        consistency,
      },
    }),
    operations: consistency.map((each) => operationFixture({ name: `range-${each}` })),
  });
  return merge(range, overrides);
}

function merge<T extends object>(base: T, overrides: Overrides<T>): T {
  const merged = structuredClone(base) as Record<string, unknown>;
  for (const [key, value] of Object.entries(overrides)) {
    const old = merged[key];
    // A union such as `workload` is replaced whole where its kind changes.
    const sameKind =
      isRecord(old) && isRecord(value) && (old.kind ?? value.kind) === (value.kind ?? old.kind);
    merged[key] = sameKind ? merge(old as object, value as object) : structuredClone(value);
  }
  return merged as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
