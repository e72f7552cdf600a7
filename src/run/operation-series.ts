/** Keeps the series of all operations of a run, and adds each snapshot to the operation under way. */
import type { OperationSpec, SnapshotMessage } from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { Interval, OperationResult, RunResult } from "../result/schema.ts";
import { IntervalRoom } from "./interval-room.ts";
import type { RunControls } from "./progress.ts";
import { SeriesCollector } from "./series-collector.ts";

export class OperationSeries {
  readonly #operations: readonly OperationSpec[];
  /** By operation and series; the first is the whole operation. */
  readonly #collectors: readonly (readonly SeriesCollector[])[];
  readonly #room: IntervalRoom;
  /** Of the operation whose snapshots come in. */
  #current: readonly SeriesCollector[] = [];

  constructor(
    { pacing }: RunPlan,
    operations: readonly OperationSpec[],
    workers: number,
    controls: Pick<RunControls, "observer" | "mostIntervals"> = {},
  ) {
    this.#operations = operations;
    this.#room = new IntervalRoom(controls.mostIntervals);
    this.#collectors = operations.map(({ series, setUpRequests, isOutsideClock }) => {
      const isPaced = pacing.ratePerSec !== null && setUpRequests === undefined;
      const isEven = isPaced && pacing.arrival === "constant";
      const periodNs = isEven ? 1e9 / pacing.ratePerSec! : 0;
      const room = isOutsideClock ? new IntervalRoom() : this.#room;
      const common = { isPaced, periodNs, workers, room };
      const isObserved = !isOutsideClock && setUpRequests === undefined;
      const observer = isObserved ? controls.observer : undefined;
      return series.map((name, index) => {
        const observed = { name, isWhole: index === 0, isPaced };
        const onSecond = observer?.onSecond.bind(observer, observed);
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
    return interval === null ? null : { whole: whole!, interval };
  }

  results(clients: number): OperationResult[] {
    return this.#measured.map((collector) => collector.result(clients));
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
