/** Makes snapshots as workers send them, and a collector that adds them up. */
import * as assert from "uvu/assert";
import type { PhaseDoneMessage, SnapshotMessage } from "../../../src/load/messages.ts";
import { NO_SCHEDULE } from "../../../src/load/recording/missing-counts.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import { IntervalBudget } from "../../../src/run/interval-budget.ts";
import { SeriesCollector, type SeriesOptions } from "../../../src/run/series-collector.ts";

export const ORIGIN_NS = 100e9;

export const MS = 1e6;

export let recorder: Recorder | undefined;

/** One worker's snapshot of a second; `succeededMs` and `failedMs` are latencies. */
export function recorded(options: {
  succeededMs?: number[];
  responseMs?: number[];
  failedMs?: number[];
}) {
  recorder ??= new Recorder();
  const { succeededMs = [], responseMs, failedMs = [] } = options;
  succeededMs.forEach((ms, index) => {
    if (responseMs === undefined) recorder!.succeeded(ms * MS);
    else recorder!.succeededPaced(ms * MS, responseMs[index]! * MS);
  });
  for (const ms of failedMs) recorder.failed(ms * MS, NO_SCHEDULE, 14, "gone");
  return recorder.takeSnapshot();
}

export function snapshot(
  interval: number,
  fromMs: number,
  toMs: number,
  phaseId = 0,
): SnapshotMessage {
  return {
    type: "snapshot",
    phaseId,
    interval,
    fromNs: ORIGIN_NS + fromMs * MS,
    toNs: ORIGIN_NS + toMs * MS,
    readyConnections: 1,
    progress: { answered: 0, unanswered: 0, lastFailure: "" },
    sending: { due: 0, started: 0, busyFraction: 0 },
  };
}

export function done(figures: Partial<PhaseDoneMessage>): PhaseDoneMessage {
  return {
    type: "phase-done",
    phaseId: 0,
    workerIndex: 0,
    started: 0,
    dropped: 0,
    lastEndNs: ORIGIN_NS,
    lastSendNs: ORIGIN_NS,
    lastDueNs: ORIGIN_NS,
    busyFraction: 0,
    eventLoopDelayP50Ms: 0,
    eventLoopDelayP99Ms: 0,
    cpuWaitFraction: null,
    unmeasured: null,
    carried: null,
    ...figures,
  };
}

export function collectorOf(options: Partial<Omit<SeriesOptions, "name">> = {}) {
  const usual = { workers: 1, isPaced: false, isWhole: true, periodNs: 0 };
  return new SeriesCollector({ name: "put", budget: new IntervalBudget(), ...usual, ...options });
}

export function near(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= expected / 500, `${actual}`);
}
