/** Keeps the series of all operations of a run, and adds each snapshot to the operation under way. */
import type { OperationSpec, PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { Interval, OperationResult, RunResult } from "../result/schema.ts";
import { ClientSeconds } from "./client-seconds.ts";
import { IntervalRoom } from "./interval-room.ts";
import type { RunObserver } from "./observer.ts";
import type { RunControls } from "./progress.ts";
import { SeriesCollector } from "./series-collector.ts";
import type { Slice } from "./slices.ts";

export class OperationSeries {
  readonly #operations: readonly OperationSpec[];
  /** By operation and series; the first is the whole operation. */
  readonly #collectors: readonly (readonly SeriesCollector[])[];
  readonly #room: IntervalRoom;
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
    this.#room = new IntervalRoom(mostIntervals);
    this.#collectors = operations.map((operation) => {
      const { series, setUpRequests, isOutsideClock } = operation;
      const isPaced = pacing.ratePerSec !== null && setUpRequests === undefined;
      const isEven = isPaced && pacing.arrival === "constant";
      const periodNs = isEven ? 1e9 / pacing.ratePerSec! : 0;
      const room = isOutsideClock ? new IntervalRoom() : this.#room;
      const { keepSlowest } = judge;
      const common = { isPaced, periodNs, workers, room, keepSlowest };
      return series.map((name, index) => {
        const observed = { name, isWhole: index === 0, isPaced };
        const onSecond = isOfLoad(operation)
          ? observer.onSecond?.bind(observer, observed)
          : undefined;
        return new SeriesCollector({ ...observed, ...common, ...(onSecond && { onSecond }) });
      });
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
    { operation, durationMs }: Slice,
    startNs: number,
    done: readonly PhaseDoneMessage[],
    originNs: number,
  ): void {
    for (const each of this.of(operation)) each.endSlice(startNs, done, originNs, durationMs);
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

  /** The same while the load goes on; `sliceStartNs`: of the slice whose snapshots come in. */
  soFar(clients: number, sliceStartNs: number): OperationResult[] {
    return this.#measured.map((collector) =>
      collector.soFar(clients, this.#current.includes(collector) ? sliceStartNs : null),
    );
  }

  /** Makes the intervals of `result` longer until it fits into its file. */
  fit(result: RunResult): void {
    this.#room.fit(
      result,
      this.#measured.map((collector) => () => collector.intervals()),
    );
  }

  destroy(): void {
    for (const collector of this.#collectors.flat()) collector.destroy();
  }

  get #measured(): SeriesCollector[] {
    return this.#collectors.filter((_, at) => !this.#operations[at]!.isOutsideClock).flat();
  }

  #wholesWhere(isOf: (operation: OperationSpec) => boolean): SeriesCollector[] {
    return this.#collectors.flatMap(([whole], at) => (isOf(this.#operations[at]!) ? [whole!] : []));
  }
}

function isOfLoad({ setUpRequests, isOutsideClock }: OperationSpec): boolean {
  return !isOutsideClock && setUpRequests === undefined;
}
