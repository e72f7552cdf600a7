/** Reports of a run for tests. */
import type { ObservedEvent, ObservedRun, ObservedSeries } from "../../../src/run/observer.ts";
import type { ClosedInterval } from "../../../src/run/open-interval.ts";
import { LatencyHistogram } from "../../../src/stats/histogram.ts";
import type {
  HistogramFamily,
  MetricFamily,
  NumberFamily,
} from "../../../src/stream/metric-family.ts";
import type { RunMetrics } from "../../../src/stream/run-metrics.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

export const MEASURED_AT = new Date("2026-03-01T10:00:00.000Z");
export const PUT: ObservedSeries = { name: "put", isWhole: true, isPaced: true };

export function encoded(ms: readonly number[]): Uint8Array {
  const histogram = new LatencyHistogram();
  for (const each of ms) histogram.recordNs(each * 1e6);
  const bytes = histogram.encode();
  histogram.destroy();
  return bytes;
}

/** A second of successes with these latencies; the response time is a millisecond longer. */
export function secondOf(
  ms: readonly number[],
  errors: ClosedInterval["errors"] = [],
): ClosedInterval {
  return {
    ...{ fromNs: 5e9, toNs: 6e9, succeeded: ms.length, errors, received: null, missing: null },
    failed: errors.reduce((sum, { count }) => sum + count, 0),
    serviceTime: encoded(ms),
    responseTime: encoded(ms.map((each) => each + 1)),
  };
}

export function observedRun(labels: Record<string, string> = {}): ObservedRun {
  const plan = planFixture({ pacing: { ratePerSec: 100 } });
  return {
    id: "m0run",
    plan: { ...plan, labels },
    target: {
      ...{ endpoints: ["a:1", "b:1"], clusterId: null, version: null, members: [], notes: [] },
    },
    measuredAt: MEASURED_AT,
    originNs: 5e9,
    soFar: () => resultFixture(),
  };
}

export function eventOf(event: Partial<ObservedEvent> = {}): ObservedEvent {
  return {
    ...{ kind: "pause", text: "pause leader", member: "etcd1", revision: null, startSeconds: 1 },
    ...{ durationSeconds: null, error: null, number: 0, isUnderWay: true },
    ...event,
  };
}

export function familyOf(metrics: RunMetrics, name: string): MetricFamily {
  const family = metrics.families().find((each) => each.name === name);
  if (family === undefined) throw new Error(`no family ${name}`);
  return family;
}

/** The values of a number family, keyed by the labels that are not the run's. */
export function valuesOf(metrics: RunMetrics, name: string): Record<string, number> {
  const { samples } = familyOf(metrics, name) as NumberFamily;
  return Object.fromEntries(samples.map(({ labels, value }) => [ownLabels(labels), value]));
}

export function histogramsOf(metrics: RunMetrics, name: string) {
  const { samples } = familyOf(metrics, name) as HistogramFamily;
  return Object.fromEntries(samples.map(({ labels, value }) => [ownLabels(labels), value]));
}

function ownLabels(labels: Readonly<Record<string, string>>): string {
  const own = Object.entries(labels).filter(
    ([name]) => !["run", "workload"].includes(name) && !name.startsWith("label_"),
  );
  return own.map(([name, value]) => `${name}=${value}`).join(" ");
}
