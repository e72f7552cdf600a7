/** Adds up the seconds and the events of a run, for metrics that grow over it. */
import type { ObservedEvent } from "../run/observer.ts";
import { type ClosedInterval, figuresOf } from "../run/open-interval.ts";
import { ExponentialHistogram } from "../stats/exponential-histogram.ts";
import type { Labels } from "./metric-family.ts";

/** An event that is over at once is shown for so long, so that a scrape each second finds it. */
const SHORTEST_EVENT_MS = 1_000;

/** The sums of one series. */
export class SeriesSums {
  readonly byCode = new Map([["OK", 0]]);
  readonly service = new ExponentialHistogram();
  readonly response: ExponentialHistogram | null;
  /** The last second, by clock and quantile. */
  quantiles: { clock: string; quantile: string; ms: number | null }[] = [];

  constructor(isPaced: boolean) {
    this.response = isPaced ? new ExponentialHistogram() : null;
  }

  add(second: ClosedInterval, originNs: number): void {
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
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + count);
  }
}

/** Events of the same labels. */
export class EventSums {
  readonly labels: Labels;
  count = 0;
  readonly #underWay = new Set<number>();
  #shownUntilMs = 0;

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
