/**
 * Turns what a run reports each second into named metrics, once for every form in which they are
 * streamed. Counters and histograms are cumulative over the run; each run of a search begins anew.
 */
import { sharedNowNs } from "../clock.ts";
import type { EtcdEvent, RunResult } from "../result/schema.ts";
import type { ClientSecond } from "../run/client-seconds.ts";
import type {
  ObservedEndpoint,
  ObservedEvent,
  ObservedRun,
  ObservedSeries,
  RunObserver,
} from "../run/observer.ts";
import type { ClosedInterval } from "../run/open-interval.ts";
import { ExponentialHistogram } from "../stats/exponential-histogram.ts";
import { metricLabels } from "../text/metric-labels.ts";
import type { Distribution, Labels, MetricFamily } from "./metric-family.ts";
import {
  countsOf,
  distributionOf,
  durationsOf,
  EndpointSums,
  EventSums,
  harmless,
  SeriesSums,
  type Value,
} from "./run-sums.ts";

const NS_PER_MS = 1e6;
/** A series whose last second ended so long before the newest one has none now. */
const CURRENT_NS = 1e9;
const VERDICTS = ["running", "valid", "client-limited", "rate-unmet", "skewed", "errors"] as const;

export class RunMetrics implements RunObserver {
  /** Of the clock that all threads share. */
  readonly #nowMs: () => number;
  #run: MetricsOfRun | null = null;
  /** By the name of the output. */
  readonly #droppedFrames = new Map<string, number>();

  constructor(nowMs: () => number = () => sharedNowNs() / NS_PER_MS) {
    this.#nowMs = nowMs;
  }

  onStart(run: ObservedRun): void {
    this.#run = new MetricsOfRun(run);
  }

  onSecond(series: ObservedSeries, second: ClosedInterval): void {
    this.#run?.addSecond(series, second);
  }

  onEndpointSecond(series: ObservedEndpoint, second: ClosedInterval): void {
    this.#run?.addEndpointSecond(series, second);
  }

  onClient(second: ClientSecond): void {
    this.#run?.addClient(second);
  }

  onEvent(event: ObservedEvent): void {
    this.#run?.addEvent(event, this.#nowMs());
  }

  onEnd(result: RunResult): void {
    this.#run?.end(result, this.#nowMs());
  }

  /** An output could not take a second in time. */
  frameDropped(output: string): void {
    this.#droppedFrames.set(output, (this.#droppedFrames.get(output) ?? 0) + 1);
  }

  /** When the run began to count, in milliseconds since 1970; 0 before. */
  get startUnixMs(): number {
    return this.#run?.startUnixMs ?? 0;
  }

  /** The time of now, in milliseconds since 1970: no setting of the wall clock during the run moves it. */
  get unixMs(): number {
    return this.#run?.unixMsAt(this.#nowMs()) ?? 0;
  }

  /** As of the last second that is complete; none before the measured phase. */
  families(): MetricFamily[] {
    if (this.#run === null) return [];
    return this.#run.families(this.#nowMs(), this.#droppedFrames);
  }
}

class MetricsOfRun {
  readonly #labels: Labels;
  readonly #endpoint: string;
  readonly startUnixMs: number;
  readonly #originNs: number;
  readonly #series = new Map<string, SeriesSums>();
  readonly #endpoints = new EndpointSums();
  readonly #dispatchLag = new ExponentialHistogram();
  readonly #isPaced: boolean;
  /** By their labels: a soak of days has many alike. */
  readonly #events = new Map<string, EventSums>();
  #offered = 0;
  #dropped = 0;
  /** Of the last second. */
  #busiest: number | null = null;
  #verdict: string = "running";
  #endSeconds: number | null = null;

  constructor({ id, plan, target, measuredAt, originNs }: ObservedRun) {
    this.#originNs = originNs;
    const { labels } = harmless({ labels: plan.labels });
    this.#labels = { run: id, workload: plan.workload.kind, ...metricLabels(labels) };
    this.#endpoint = harmless(target.endpoints.join(","));
    this.startUnixMs = measuredAt.getTime();
    this.#isPaced = plan.pacing.ratePerSec !== null;
  }

  unixMsAt(nowMs: number): number {
    return Math.round(this.startUnixMs + nowMs - this.#originNs / NS_PER_MS);
  }

  addSecond({ name, isPaced }: ObservedSeries, second: ClosedInterval): void {
    const sums = this.#series.get(name) ?? new SeriesSums(isPaced);
    this.#series.set(name, sums);
    sums.add(second, this.#originNs);
  }

  addEndpointSecond(series: ObservedEndpoint, second: ClosedInterval): void {
    this.#endpoints.add(series, second, this.#originNs);
  }

  addClient({ offered, dropped, dispatchLags, busyFractions }: ClientSecond): void {
    this.#offered += offered;
    this.#dropped += dropped;
    for (const lag of dispatchLags) this.#dispatchLag.addEncoded(lag);
    // The end of a phase adds what is missing to the counts, in a second without a length.
    if (busyFractions.length > 0) this.#busiest = Math.max(...busyFractions);
  }

  addEvent(event: ObservedEvent, nowMs: number): void {
    const labels = labelsOfEvent(event);
    const key = JSON.stringify(labels);
    const sums = this.#events.get(key) ?? new EventSums(labels);
    this.#events.set(key, sums);
    sums.add(event, nowMs);
  }

  end({ verdict }: RunResult, nowMs: number): void {
    this.#verdict = verdict.kind;
    this.#endSeconds = this.unixMsAt(nowMs) / 1000;
  }

  families(nowMs: number, droppedFrames: ReadonlyMap<string, number>): MetricFamily[] {
    return [
      {
        ...{ name: "bench_request_duration_seconds", type: "histogram", unit: "seconds" },
        help: "Duration of successful requests, by the operation and by the clock: service from the send, response from when the request was due.",
        samples: this.#withLabels(this.#durations()),
      },
      {
        ...{ name: "bench_request_duration_quantile_seconds", type: "gauge", unit: "seconds" },
        help: "Quantiles of the last whole second, as the intervals of the result have them; 1 is the longest.",
        samples: this.#withLabels(this.#quantiles()),
      },
      {
        ...{ name: "bench_requests_total", type: "counter" },
        help: "Requests that ended, by the operation and by the name of the gRPC status.",
        samples: this.#withLabels(
          [...this.#series].flatMap(([op, { byCode }]) => countsOf(byCode, { op })),
        ),
      },
      ...this.#endpointFamilies(),
      {
        ...{ name: "bench_offered_total", type: "counter" },
        help: "Requests that came due; without a rate, those that were sent.",
        samples: this.#withLabels([{ labels: {}, value: this.#offered }]),
      },
      {
        ...{ name: "bench_dropped_total", type: "counter" },
        help: "Requests that came due and were never sent, known at the end of the load.",
        samples: this.#withLabels([{ labels: {}, value: this.#dropped }]),
      },
      {
        ...{ name: "bench_dispatch_lag_seconds", type: "histogram", unit: "seconds" },
        help: "How late requests were sent that had a free client.",
        samples: this.#isPaced
          ? this.#withLabels([{ labels: {}, value: distributionOf(this.#dispatchLag) }])
          : [],
      },
      {
        ...{ name: "bench_worker_busy_ratio", type: "gauge", unit: "ratio" },
        help: "Share of the last second in which the event loop of the busiest worker had work.",
        samples:
          this.#busiest === null ? [] : this.#withLabels([{ labels: {}, value: this.#busiest }]),
      },
      ...this.#eventFamilies(nowMs),
      {
        ...{ name: "bench_run_start_timestamp_seconds", type: "gauge", unit: "seconds" },
        help: "When the measured phase began, in seconds since 1970.",
        samples: this.#withLabels([{ labels: {}, value: this.startUnixMs / 1000 }]),
      },
      {
        ...{ name: "bench_run_end_timestamp_seconds", type: "gauge", unit: "seconds" },
        help: "When the result was complete, in seconds since 1970.",
        samples:
          this.#endSeconds === null
            ? []
            : this.#withLabels([{ labels: {}, value: this.#endSeconds }]),
      },
      {
        ...{ name: "bench_verdict", type: "gauge" },
        help: "1 for the verdict of the run, running before there is one; 0 for the others.",
        samples: this.#withLabels(
          VERDICTS.map((verdict) => ({
            labels: { verdict },
            value: verdict === this.#verdict ? 1 : 0,
          })),
        ),
      },
      {
        ...{ name: "bench_stream_dropped_frames_total", type: "counter" },
        help: "Seconds that an output did not take, because it was busy or failed.",
        samples: this.#withLabels(
          [...droppedFrames].map(([output, value]) => ({ labels: { output }, value })),
        ),
      },
    ];
  }

  #durations(): Value<Distribution>[] {
    return [...this.#series].flatMap(([op, sums]) =>
      durationsOf(sums, { op, endpoint: this.#endpoint }),
    );
  }

  /** Apart from those of operations, which hold the same requests. */
  #endpointFamilies(): MetricFamily[] {
    return [
      {
        ...{ name: "bench_endpoint_request_duration_seconds", type: "histogram", unit: "seconds" },
        help: "Duration of successful requests at one endpoint (--by=endpoint), by the clock.",
        samples: this.#withLabels(this.#endpoints.durations()),
      },
      {
        ...{ name: "bench_endpoint_requests_total", type: "counter" },
        help: "Requests that ended at one endpoint (--by=endpoint), by the name of the gRPC status.",
        samples: this.#withLabels(this.#endpoints.requests()),
      },
    ];
  }

  #quantiles(): Value<number>[] {
    const lastNs = Math.max(...[...this.#series.values()].map(({ endNs }) => endNs));
    // Where operations take turns, those of the others are of a second long past.
    const current = [...this.#series].filter(([, { endNs }]) => endNs > lastNs - CURRENT_NS);
    return current.flatMap(([op, { quantiles }]) =>
      quantiles.flatMap(({ clock, quantile, ms }) =>
        ms === null ? [] : [{ labels: { op, clock, quantile }, value: toSeconds(ms) }],
      ),
    );
  }

  #eventFamilies(nowMs: number): MetricFamily[] {
    const events = [...this.#events.values()];
    return [
      {
        ...{ name: "bench_event_active", type: "gauge" },
        help: "1 while an event goes on, and for a second at least; 0 when it is over.",
        samples: this.#withLabels(
          events.map((each) => ({ labels: each.labels, value: each.isActive(nowMs) ? 1 : 0 })),
        ),
      },
      {
        ...{ name: "bench_events_total", type: "counter" },
        help: "Events that have begun or were seen.",
        samples: this.#withLabels(events.map(({ labels, count }) => ({ labels, value: count }))),
      },
    ];
  }

  #withLabels<Of>(values: readonly Value<Of>[]): Value<Of>[] {
    return values.map(({ labels, value }) => ({ labels: { ...this.#labels, ...labels }, value }));
  }
}

/** Without the digits that come of the division. */
function toSeconds(ms: number): number {
  return Number((ms / 1000).toPrecision(12));
}

function labelsOfEvent({ kind, text, member }: EtcdEvent): Labels {
  return harmless({ event: text ?? kind, kind, member: member ?? "" });
}
