/** Keeps the series of all operations of a run, and adds each snapshot to the operation under way. */
import { sharedNowNs } from "../clock.ts";
import type {
  EndpointName,
  OperationSpec,
  PhaseDoneMessage,
  SnapshotMessage,
} from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { RunPlan } from "../plan/schema.ts";
import { endpointSeriesNames } from "../result/named-series.ts";
import type { EndpointResult, Interval, OperationResult, RunResult } from "../result/schema.ts";
import { ClientSeconds } from "./client-seconds.ts";
import { IntervalBudget } from "./interval-budget.ts";
import type { RunObserver } from "./observer.ts";
import type { ClosedInterval } from "./open-interval.ts";
import type { RunControls } from "./progress.ts";
import { SeriesCollector } from "./series-collector.ts";
import type { Slice } from "./slices.ts";

/** `whole` is the operation of that name. */
interface SeriesOfEndpoint extends EndpointName {
  operation: string;
  whole: SeriesCollector;
  collector: SeriesCollector;
}

export class OperationSeries {
  readonly #operations: readonly OperationSpec[];
  /** By operation and series; the first is the whole operation, the last are those of endpoints. */
  readonly #collectors: readonly (readonly SeriesCollector[])[];
  readonly #budget: IntervalBudget;
  readonly #apart: SeriesOfEndpoint[] = [];
  /** Of the operation whose snapshots come in. */
  #current: readonly SeriesCollector[] = [];
  /** How the workers send that operation; null of a set-up. */
  #sending: ClientSeconds | null = null;
  readonly #loadSending: ClientSeconds;

  constructor(
    { pacing, judge }: RunPlan,
    operations: readonly OperationSpec[],
    workers: number,
    observer: RunObserver = {},
    { mostIntervals }: Pick<RunControls, "mostIntervals"> = {},
  ) {
    this.#operations = operations;
    this.#loadSending = new ClientSeconds(workers, (second) => observer.onClient?.(second));
    this.#budget = new IntervalBudget(mostIntervals);
    this.#collectors = operations.map((operation) => {
      const { series, setUpRequests, atOwnPace = [] } = operation;
      const isPaced = pacing.ratePerSec !== null && setUpRequests === undefined;
      const isEven = isPaced && pacing.arrival === "constant";
      const periodNs = isEven ? 1e9 / pacing.ratePerSec! : 0;
      const { keepSlowest } = judge;
      const common = { isPaced, periodNs, workers, budget: this.#budget };
      const own = series.map((name, index) => {
        const observed = { name, isWhole: index === 0, isPaced };
        const onSecond = isOfLoad(operation)
          ? observer.onSecond?.bind(observer, observed)
          : undefined;
        const kept = { keepSlowest, ...(onSecond && { onSecond }) };
        const isAtOwnPace = atOwnPace.includes(name);
        return new SeriesCollector({ ...observed, ...common, ...kept, isAtOwnPace });
      });
      const ofEndpoints = (operation.apart ?? []).map((each) => {
        const [name] = endpointSeriesNames({ operation: series[0]!, ...each });
        const observed = { operation: series[0]!, isPaced, ...each };
        const collector = new SeriesCollector({
          ...{ name: name!, isWhole: false, ...common },
          ...(isOfLoad(operation) && {
            onSecond: (second: ClosedInterval) => observer.onEndpointSecond?.(observed, second),
          }),
        });
        this.#apart.push({ collector, whole: own[0]!, operation: series[0]!, ...each });
        return collector;
      });
      return [...own, ...ofEndpoints];
    });
  }

  of(operation: number): readonly SeriesCollector[] {
    return this.#collectors[operation]!;
  }

  /** The whole operation, without its parts and effects. */
  whole(operation: number): SeriesCollector {
    return this.#collectors[operation]![0]!;
  }

  /** Of all operations that are in the result. */
  get wholes(): SeriesCollector[] {
    return this.#wholesWhere(({ isOutsideClock }) => !isOutsideClock);
  }

  /** Of the operations that the plan's limits hold for: without what is set up once. */
  get limitedWholes(): SeriesCollector[] {
    return this.#wholesWhere(({ setUpRequests }) => setUpRequests === undefined);
  }

  /** Requests of those series by name, of all that are in the result. */
  succeededIn(isOf: (series: string) => boolean): number {
    return this.#measured
      .filter(({ name }) => isOf(name))
      .reduce((sum, { succeeded }) => sum + succeeded, 0);
  }

  get hasFailures(): boolean {
    return this.#collectors.some(([whole]) => whole!.failed > 0);
  }

  /** Snapshots from now on are of this operation; `path`: of none. */
  turnTo(operation: number | "path"): void {
    this.#current = operation === "path" ? [] : this.of(operation);
    const isLoad = operation !== "path" && isOfLoad(this.#operations[operation]!);
    this.#sending = isLoad ? this.#loadSending : null;
  }

  /** The interval that the snapshot completes, with the whole operation that it is of; null: none. */
  add(
    snapshot: SnapshotMessage,
    [first, ...others]: readonly RecorderSnapshot[],
    originNs: number,
  ): { whole: SeriesCollector; interval: Interval } | null {
    if (first === undefined) return null;
    const [whole, ...parts] = this.#current;
    const interval = whole!.add(snapshot, first, originNs);
    for (const [index, each] of others.entries()) parts[index]!.add(snapshot, each, originNs);
    this.#sending?.add(snapshot, first.dispatchLag);
    return interval === null ? null : { whole: whole!, interval };
  }

  /** The slice that snapshots came in of has ended; `originNs` is the start of the run. */
  endSlice(
    { operation, durationMs, requests }: Slice,
    startNs: number,
    done: readonly PhaseDoneMessage[],
    originNs: number,
  ): void {
    const spanNs = sharedNowNs() - startNs;
    const limitNs = durationMs === null ? 0 : Math.min(durationMs * 1e6, spanNs);
    for (const each of this.of(operation)) {
      each.endSlice(startNs, done, originNs, limitNs, requests);
    }
    const dropped = done.reduce((count, each) => count + each.dropped, 0);
    if (dropped > 0) {
      for (const { collector } of this.#apartOf(operation)) collector.addPerhapsMissing(dropped);
    }
    this.#sending?.endPhase(done);
  }

  /** The slice broke off without the reports of its workers. */
  breakOffSlice({ operation }: Slice, startNs: number, nowNs: number, originNs: number): void {
    for (const each of this.of(operation)) each.breakOffSlice(startNs, nowNs, originNs);
    this.#sending?.endPhase([]);
  }

  results(clients: number): OperationResult[] {
    return this.#measured.map((collector) => collector.result(clients));
  }

  /** The same while the load goes on; `sliceStartNs`: of the slice whose snapshots come in; null: none. */
  soFar(clients: number, sliceStartNs: number | null): OperationResult[] {
    return this.#measured.map((collector) =>
      collector.soFar(clients, this.#current.includes(collector) ? sliceStartNs : null),
    );
  }

  /** Of each endpoint that had any requests; `sliceStartNs` as above, null once the load is over. */
  byEndpoint(clients: number, sliceStartNs: number | null): EndpointResult[] {
    return this.#used.map(({ collector, whole, ...place }) => {
      const perhapsDropped = whole.dropped;
      const { succeeded, failed } = collector;
      const hasAll = succeeded + failed === whole.succeeded + whole.failed;
      // All requests went there, and those that were never sent would have, too.
      if (perhapsDropped > 0 && hasAll) {
        return { ...whole.result(clients), ...place, name: endpointSeriesNames(place)[0]! };
      }
      const startNs = this.#current.includes(collector) ? sliceStartNs : null;
      const isOver = sliceStartNs === null;
      const figures = isOver ? collector.result(clients) : collector.soFar(clients, startNs);
      return { ...figures, ...place, ...(perhapsDropped > 0 && { perhapsDropped }) };
    });
  }

  /** Makes the intervals of `result` longer until it fits into its file. */
  fit(result: RunResult): void {
    const all = [...this.#measured, ...this.#used.map(({ collector }) => collector)];
    this.#budget.fit(
      result,
      all.map((collector) => () => collector.intervals()),
    );
  }

  destroy(): void {
    for (const collector of this.#collectors.flat()) collector.destroy();
  }

  /** Of all series but those of endpoints. */
  get #measured(): SeriesCollector[] {
    return this.#collectors.flatMap((collectors, at) => {
      const { isOutsideClock, series } = this.#operations[at]!;
      return isOutsideClock ? [] : collectors.slice(0, series.length);
    });
  }

  get #used() {
    return this.#apart.filter(({ collector }) => collector.succeeded + collector.failed > 0);
  }

  #apartOf(operation: number): SeriesOfEndpoint[] {
    return this.#apart.filter(({ whole }) => whole === this.whole(operation));
  }

  #wholesWhere(isOf: (operation: OperationSpec) => boolean): SeriesCollector[] {
    return this.#collectors.flatMap(([whole], at) => (isOf(this.#operations[at]!) ? [whole!] : []));
  }
}

/** And no set-up of it. */
export function isOfLoad({ setUpRequests, isOutsideClock }: OperationSpec): boolean {
  return !isOutsideClock && setUpRequests === undefined;
}
