/**
 * Owns compactions and defragmentations on a schedule while the load goes on, over the control
 * plane alone: when each is due, and what came of it. Whatever etcd says is a moment's outcome and
 * never the run's end.
 */

import { sharedNowNs } from "../clock.ts";
import { ControlClient, ControlError } from "../etcd/control-client.ts";
import type { TargetMember } from "../etcd/inspect.ts";
import type { Maintenance } from "../plan/maintenance-schema.ts";
import { formatNoun } from "../plan/noun.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { Moment } from "../result/schema.ts";
import { membersToDefragment } from "./prepare/defragmentation.ts";
import type { Prepared } from "./prepare.ts";

/** Both take long on a large backend, and go on there if nobody waits. */
const WORK_TIMEOUT_MS = 600_000;
const REVISION_TIMEOUT_MS = 2_000;
/** What is under way when the load ends is waited for so long. */
const LAST_WAIT_MS = 10_000;

const NOTHING_TO_COMPACT = "nothing to compact";
const RUN_WAS_OVER = "the run was over before etcd had answered";

export type MaintenanceClient = Pick<
  ControlClient,
  "revision" | "compact" | "defragment" | "close"
>;

export interface MaintenanceOptions {
  schedule: Maintenance;
  /** Where compactions are asked for: the first of these that answers. */
  endpoints: readonly string[];
  /** How long the measured phase lasts, in which compactions come due; null: not known. */
  untilMs: number | null;
  /** To be defragmented, in this order. */
  members: readonly Pick<TargetMember, "name" | "endpoint">[];
  client: MaintenanceClient;
  /** etcd's work on itself begins, or has ended, at this moment of the shared clock. */
  onWork: (isBegin: boolean, atNs: number) => void;
}

export interface MaintenanceOutcome {
  /** In the order of their starts. */
  moments: Moment[];
  notes: string[];
}

/** Null where the plan has none. */
export function scheduleOf(
  plan: RunPlan,
  { target, operations, access }: Pick<Prepared, "target" | "operations" | "access">,
  onWork: MaintenanceOptions["onWork"],
): MaintenanceSchedule | null {
  const { maintenance } = plan;
  if (maintenance.compaction === null && maintenance.defragmentation === null) return null;
  const { endpoints } = target;
  // Of several operations each has the whole duration, or none.
  const isAlone = operations.filter(({ isOutsideClock }) => !isOutsideClock).length === 1;
  return new MaintenanceSchedule({
    schedule: maintenance,
    endpoints,
    untilMs: isAlone ? plan.limits.durationMs : null,
    members: membersToDefragment(plan, target),
    client: new ControlClient(endpoints, { access }),
    onWork,
  });
}

/** A clause for each kind of which a larger share failed than the plan lets pass. */
export function maintenanceFaults(moments: readonly Moment[], maxErrorRate: number): string[] {
  return (["compaction", "defragmentation"] as const).flatMap((kind) => {
    const all = moments.filter((moment) => moment.kind === kind);
    const failed = all.flatMap(({ error }) => (isFailure(error) ? [error!] : []));
    if (failed.length === 0 || failed.length / all.length <= maxErrorRate) return [];
    return [`${failed.length} of ${formatNoun(all.length, kind)} failed: ${failed[0]}`];
  });
}

/** Nothing failed where there was nothing to do, or nobody waited for the end of it. */
function isFailure(error: string | null): boolean {
  return error !== null && !error.startsWith(NOTHING_TO_COMPACT) && error !== RUN_WAS_OVER;
}

export class MaintenanceSchedule {
  readonly #options: MaintenanceOptions;
  readonly #moments: Moment[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pending = new Set<Promise<void>>();
  /** What failed although nothing that etcd says makes it fail: thrown when the schedule is stopped. */
  readonly #defects: unknown[] = [];
  #originNs = 0;
  #isOver = false;
  #atWork = 0;
  #isCompacting = false;
  #skippedCompactions = 0;
  /** Members are defragmented one after another, whatever is due meanwhile. */
  #defragmented: Promise<void> = Promise.resolve();
  #openDefragmentations: number;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#openDefragmentations = options.schedule.defragmentation?.atMs.length ?? 0;
  }

  /** `originNs`: when the measured phase starts, from which all times count. */
  start(originNs: number): void {
    this.#originNs = originNs;
    const { compaction, defragmentation } = this.#options.schedule;
    if (compaction !== null) this.#compactFrom(compaction.intervalMs, 1);
    for (const atMs of defragmentation?.atMs ?? []) {
      this.#at(atMs, () => {
        this.#openDefragmentations -= 1;
        this.#defragmented = this.#defragmented.then(() => this.#defragmentAll());
        this.#keep(this.#defragmented);
      });
    }
  }

  /**
   * Begins nothing more, and waits a while for what is under way, unless `isHurried`.
   * @throws whatever went wrong in the schedule itself
   */
  async stop(isHurried: boolean): Promise<MaintenanceOutcome> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const underWay = Promise.all(this.#pending);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, isHurried ? 0 : LAST_WAIT_MS);
    });
    try {
      await Promise.race([underWay, patience]);
    } finally {
      clearTimeout(timer);
      // What is still under way fails by this.
      this.#options.client.close();
    }
    await underWay;
    if (this.#defects.length > 0) throw this.#defects[0];
    const moments = this.#moments.toSorted((a, b) => a.startSeconds - b.startSeconds);
    return { moments, notes: this.#notes() };
  }

  #notes(): string[] {
    const notes: string[] = [];
    if (this.#skippedCompactions > 0) {
      notes.push(
        `${formatNoun(this.#skippedCompactions, "compaction")} came due while another was under way: left out.`,
      );
    }
    if (this.#openDefragmentations > 0) {
      notes.push(
        `${formatNoun(this.#openDefragmentations, "time")} of --defrag-at had not come when the run was over.`,
      );
    }
    return notes;
  }

  #compactFrom(intervalMs: number, tick: number): void {
    const { untilMs } = this.#options;
    if (untilMs !== null && tick * intervalMs >= untilMs) return;
    this.#at(tick * intervalMs, () => {
      if (this.#isCompacting) this.#skippedCompactions += 1;
      else this.#keep(this.#compact());
      // A clock that was late has one tick for all that it missed, as Go's has.
      const elapsedMs = (sharedNowNs() - this.#originNs) / 1e6;
      this.#compactFrom(intervalMs, Math.max(tick + 1, Math.ceil(elapsedMs / intervalMs)));
    });
  }

  async #compact(): Promise<void> {
    this.#isCompacting = true;
    const { client, schedule } = this.#options;
    const { keptRevisions } = schedule.compaction!;
    const target = { kind: "compaction", member: null } as const;
    try {
      const { revision: newest, endpoint } = await this.#newestRevision();
      if (this.#isOver) return;
      const revision = newest - keptRevisions;
      if (revision < 1) {
        const error = `${NOTHING_TO_COMPACT}: the revision is ${newest}, and ${keptRevisions} are to stay`;
        this.#moments.push({ ...target, revision: null, ...this.#nothingAsked(), error });
        return;
      }
      await this.#work({ ...target, revision }, async () => {
        const call = { endpoint, timeoutMs: WORK_TIMEOUT_MS };
        await client.compact({ revision, physical: true }, call);
      });
    } catch (error) {
      this.#moments.push({
        ...{ ...target, revision: null, ...this.#nothingAsked() },
        error: this.#wordsOf(error),
      });
    } finally {
      this.#isCompacting = false;
    }
  }

  /** From the first endpoint that answers. @throws ControlError of the last where none does */
  async #newestRevision(): Promise<{ revision: number; endpoint: string }> {
    const { client, endpoints } = this.#options;
    let failure: unknown;
    for (const endpoint of endpoints) {
      try {
        const options = { timeoutMs: REVISION_TIMEOUT_MS };
        return { revision: await client.revision(endpoint, options), endpoint };
      } catch (error) {
        failure = error;
        if (this.#isOver) break;
      }
    }
    throw failure;
  }

  async #defragmentAll(): Promise<void> {
    const { client, members } = this.#options;
    for (const { name, endpoint } of members) {
      if (this.#isOver) return;
      const moment = { kind: "defragmentation", member: name, revision: null } as const;
      await this.#work(moment, () => client.defragment(endpoint, { timeoutMs: WORK_TIMEOUT_MS }));
    }
  }

  /** Times one call that keeps etcd busy with itself, and records how it went. */
  async #work(
    moment: Pick<Moment, "kind" | "member" | "revision">,
    ask: () => Promise<void>,
  ): Promise<void> {
    const startNs = sharedNowNs();
    this.#atWork += 1;
    if (this.#atWork === 1) this.#options.onWork(true, startNs);
    let error: string | null = null;
    try {
      await ask();
    } catch (thrown) {
      error = this.#wordsOf(thrown);
    }
    const endNs = sharedNowNs();
    this.#atWork -= 1;
    if (this.#atWork === 0) this.#options.onWork(false, endNs);
    this.#moments.push({
      ...moment,
      startSeconds: (startNs - this.#originNs) / 1e9,
      durationSeconds: (endNs - startNs) / 1e9,
      error,
    });
  }

  #nothingAsked(): Pick<Moment, "startSeconds" | "durationSeconds"> {
    return { startSeconds: (sharedNowNs() - this.#originNs) / 1e9, durationSeconds: null };
  }

  /** etcd's own; anything but a failed call is a defect, and stays one. */
  #wordsOf(error: unknown): string {
    if (!(error instanceof ControlError)) throw error;
    if (this.#isOver && error.codeName === "CANCELLED") {
      return RUN_WAS_OVER;
    }
    return `${error.codeName}: ${error.details}`;
  }

  #keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => {
        this.#defects.push(error);
      })
      .finally(() => {
        this.#pending.delete(kept);
      });
    this.#pending.add(kept);
  }

  #at(afterOriginMs: number, action: () => void): void {
    const restMs = afterOriginMs - (sharedNowNs() - this.#originNs) / 1e6;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        action();
      },
      Math.max(0, restMs),
    );
    this.#timers.add(timer);
  }
}
