/** Adds up the seconds and the events of a run, for metrics that grow over it. */
import type { ObservedEndpoint, ObservedEvent } from "../run/observer.ts";
import { type ClosedInterval, figuresOf } from "../run/open-interval.ts";
import { FURTHER_CODES, MOST_DISTINCT } from "../stats/distinct-counts.ts";
import { ExponentialHistogram } from "../stats/exponential-histogram.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";
import { printableData } from "../text/visible.ts";
import type { Distribution, Labels } from "./metric-family.ts";

/** One metric of one operation, or of the run. */
export interface Value<Of> {
  labels: Labels;
  value: Of;
}

/** An event that is over at once is shown for so long, so that a scrape each second finds it. */
const SHORTEST_EVENT_MS = 1_000;

/** The sums of one series. */
export class SeriesSums {
  readonly byCode = new Map([["OK", 0]]);
  readonly service = new ExponentialHistogram();
  readonly response: ExponentialHistogram | null;
  /** The last second, by clock and quantile. */
  quantiles: { clock: string; quantile: string; ms: number | null }[] = [];
  /** When that ended. */
  endNs = 0;

  constructor(isPaced: boolean) {
    this.response = isPaced ? new ExponentialHistogram() : null;
  }

  add(second: ClosedInterval, originNs: number): void {
    this.endNs = Math.max(this.endNs, second.toNs);
    this.#count("OK", second.succeeded);
    for (const { code, count } of second.errors) this.#count(code, count);
    if (second.serviceTime !== null) this.service.addEncoded(second.serviceTime);
    if (second.responseTime !== null) this.response?.addEncoded(second.responseTime);
    const figures = figuresOf(second, originNs);
    this.quantiles = [
      { clock: "service", quantile: "0.5", ms: figures.p50Ms },
      { clock: "service", quantile: "0.99", ms: figures.p99Ms },
      { clock: "service", quantile: "1", ms: figures.maxMs },
      ...(this.response === null
        ? []
        : [
            { clock: "response", quantile: "0.5", ms: figures.responseP50Ms ?? null },
            { clock: "response", quantile: "0.99", ms: figures.responseP99Ms },
            { clock: "response", quantile: "1", ms: figures.responseMaxMs ?? null },
          ]),
    ];
  }

  #count(code: string, count: number): void {
    const isKnown = this.byCode.has(code) || this.byCode.size < MOST_DISTINCT;
    const shown = isKnown ? code : FURTHER_CODES;
    this.byCode.set(shown, (this.byCode.get(shown) ?? 0) + count);
  }
}

/** The sums of each endpoint, where a run keeps them apart. */
export class EndpointSums {
  /** By their labels. */
  readonly #all = new Map<string, { labels: Labels; sums: SeriesSums }>();

  add(
    { operation, endpoint, member, isPaced }: ObservedEndpoint,
    second: ClosedInterval,
    originNs: number,
  ): void {
    const labels = harmless({ op: operation, endpoint, member: member ?? "" });
    const key = JSON.stringify(labels);
    const of = this.#all.get(key) ?? { labels, sums: new SeriesSums(isPaced) };
    this.#all.set(key, of);
    of.sums.add(second, originNs);
  }

  durations(): Value<Distribution>[] {
    return [...this.#all.values()].flatMap(({ labels, sums }) => durationsOf(sums, labels));
  }

  requests(): Value<number>[] {
    return [...this.#all.values()].flatMap(({ labels, sums }) => countsOf(sums.byCode, labels));
  }
}

/** Events of the same labels. */
export class EventSums {
  readonly labels: Labels;
  count = 0;
  readonly #underWay = new Set<number>();
  #shownUntilMs = Number.NEGATIVE_INFINITY;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  add({ number, isUnderWay }: ObservedEvent, nowMs: number): void {
    if (this.#underWay.delete(number)) return;
    this.count += 1;
    this.#shownUntilMs = nowMs + SHORTEST_EVENT_MS;
    if (isUnderWay) this.#underWay.add(number);
  }

  isActive(nowMs: number): boolean {
    return this.#underWay.size > 0 || nowMs < this.#shownUntilMs;
  }
}

/** By the clock. */
export function durationsOf(
  { service, response }: SeriesSums,
  labels: Labels,
): Value<Distribution>[] {
  return [
    { labels: { ...labels, clock: "service" }, value: distributionOf(service) },
    ...(response === null
      ? []
      : [{ labels: { ...labels, clock: "response" }, value: distributionOf(response) }]),
  ];
}

export function countsOf(byCode: ReadonlyMap<string, number>, labels: Labels): Value<number>[] {
  return [...byCode].map(([code, value]) => ({ labels: { ...labels, code }, value }));
}

export function distributionOf(histogram: ExponentialHistogram): Distribution {
  const { count, sumSeconds, buckets } = histogram;
  return { count, sumSeconds, buckets };
}

/** As the saved result and each format of a report have it. */
export function harmless<Data>(data: Data): Data {
  return printableData(dataWithoutSecrets(data));
}
