/**
 * Carries out a plan's events while the load goes on: when each is due, and what came of it. A
 * refusal of etcd's is the event's outcome and never ends the run.
 */
import { sharedNowNs } from "../clock.ts";
import type { Random } from "../random.ts";
import type { PlannedEvent } from "./catalogue.ts";
import {
  type Action,
  AFTERMATH_MS,
  type EtcdControl,
  type EventTarget,
  NothingToDo,
} from "./definition.ts";
import { type HappenedEvent, KindOfEvent, RUN_WAS_OVER } from "./kind-of-event.ts";

/** What is under way when the load ends is waited for so long. */
const LAST_WAIT_MS = 10_000;

export interface Refusal {
  words: string;
  /** The client was closed before etcd had answered. */
  isCancelled: boolean;
}

export interface ScheduleOptions {
  events: readonly PlannedEvent[];
  target: EventTarget;
  client: EtcdControl & { close(): void };
  /** How long the measured phase lasts; null: not known. */
  untilMs: number | null;
  random: Random;
  /** Why it could not be done, where etcd refused it or a user can put it right; null: a defect. */
  refusalOf: (error: unknown) => Refusal | null;
  /** The first event of those at one time begins, or the last has ended with what follows from it, at
   * this time of the shared clock. */
  onEvent: (isBegin: boolean, atNs: number) => void;
  /** Sees each event when it begins, if it could, and when it has ended. */
  onHappening?: (happening: Happening) => void;
}

/** An event that goes on or has ended; both are reported under one number. */
export interface Happening {
  number: number;
  isUnderWay: boolean;
  event: HappenedEvent;
}

export interface EventsOutcome {
  /** In the order of their starts. */
  events: HappenedEvent[];
  /** A clause for each kind of which a larger share failed than may, and for what had to happen. */
  faults(maxErrorRate: number): string[];
  notes: string[];
}

export const NO_EVENTS: EventsOutcome = { events: [], faults: () => [], notes: [] };

export class EventSchedule {
  readonly #options: ScheduleOptions;
  readonly #kinds: KindOfEvent[];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pending = new Set<Promise<void>>();
  /** Thrown when the schedule is stopped. */
  readonly #defects: unknown[] = [];
  /** What lasts until its time is over, or the run. */
  readonly #lasting = new Set<() => void>();
  readonly #abandoned = new AbortController();
  #originNs = 0;
  #isOver = false;
  #underWay = 0;
  /** Events that began or could not. */
  #happened = 0;
  #leaderCause: string | null = null;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#kinds = options.events.map((planned) => new KindOfEvent(planned));
  }

  /** The latest event that had begun and may have changed the leader, in words; null: none has. */
  get leaderCause(): string | null {
    return this.#leaderCause;
  }

  /** `originNs`: when the measured phase starts, from which all times count. */
  start(originNs: number): void {
    this.#originNs = originNs;
    for (const kind of this.#kinds) {
      const { everyMs, atMs } = kind.schedule;
      if (everyMs !== null) this.#every(kind, everyMs, 1);
      for (const ms of atMs) {
        this.#at(ms, () => {
          this.#due(kind, () => {
            kind.openTimes -= 1;
          });
        });
      }
    }
  }

  /**
   * Begins nothing more, ends what lasts, and waits a while for what is under way, unless
   * `isHurried` and nothing is to be put right. @throws whatever went wrong in the schedule itself
   */
  async stop(isHurried: boolean): Promise<EventsOutcome> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const isPatient = !isHurried || this.#lasting.size > 0;
    for (const end of this.#lasting) end();
    const underWay = Promise.all(this.#pending);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, isPatient ? LAST_WAIT_MS : 0);
    });
    try {
      await Promise.race([underWay, patience]);
    } finally {
      clearTimeout(timer);
      // What is still under way fails by these.
      this.#abandoned.abort();
      this.#options.client.close();
    }
    await underWay;
    if (this.#defects.length > 0) throw this.#defects[0];
    const events = this.#kinds.flatMap((kind) => kind.happened);
    return {
      events: events.sort((a, b) => a.startSeconds - b.startSeconds),
      faults: (maxErrorRate) => this.#kinds.flatMap((kind) => kind.faults(maxErrorRate, isHurried)),
      notes: this.#kinds.flatMap((kind) => kind.notes()),
    };
  }

  #every(kind: KindOfEvent, intervalMs: number, tick: number): void {
    const { untilMs } = this.#options;
    if (untilMs !== null && tick * intervalMs >= untilMs) return;
    this.#at(tick * intervalMs, () => {
      this.#due(kind);
      // A clock that was late has one tick for all that it missed, as Go's has.
      const elapsedMs = (sharedNowNs() - this.#originNs) / 1e6;
      this.#every(kind, intervalMs, Math.max(tick + 1, Math.ceil(elapsedMs / intervalMs)));
    });
  }

  /** `onceBegun` is not called where the run is over before anything could be done. */
  #due(kind: KindOfEvent, onceBegun: () => void = () => {}): void {
    const { meanwhile } = kind.schedule;
    if (meanwhile === "left-out" && kind.isUnderWay) {
      kind.leftOut += 1;
      onceBegun();
      return;
    }
    const carryOut = async () => {
      kind.underWay += 1;
      try {
        await this.#carryOut(kind, onceBegun);
      } finally {
        kind.underWay -= 1;
      }
    };
    if (meanwhile === "after-it") {
      kind.last = kind.last.then(carryOut);
      this.#keep(kind.last);
    } else {
      this.#keep(carryOut());
    }
  }

  async #carryOut(kind: KindOfEvent, onceBegun: () => void): Promise<void> {
    const { target, client, random } = this.#options;
    const { event, plan } = kind.planned;
    const isOver = () => this.#isOver;
    const abandoned = this.#abandoned.signal;
    const context = { ...target, client, random, isOver, abandoned };
    let hasBegun = false;
    const begin = () => {
      if (!hasBegun) onceBegun();
      hasBegun = true;
    };
    try {
      for await (const action of event.actions(plan, context)) {
        if (this.#isOver) return;
        begin();
        await this.#act(kind, action);
      }
      if (!this.#isOver) begin();
    } catch (error) {
      begin();
      const text = error instanceof NothingToDo ? error.message : this.#wordsOf(error);
      const event = kind.record({
        ...{ member: null, revision: null, durationSeconds: null },
        ...{ startSeconds: (sharedNowNs() - this.#originNs) / 1e9, error: text },
        isFailure: !(error instanceof NothingToDo) && text !== RUN_WAS_OVER,
      });
      this.#options.onHappening?.({ number: this.#happened++, isUnderWay: false, event });
    }
  }

  /** Times one action, from its begin to its end, and records how it went. */
  async #act(kind: KindOfEvent, action: Action): Promise<void> {
    const { changesLeader, describe } = kind.planned.event;
    const startNs = sharedNowNs();
    this.#underWay += 1;
    if (this.#underWay === 1) this.#options.onEvent(true, startNs);
    if (changesLeader) this.#leaderCause = describe(action.member);
    const number = this.#happened++;
    const { member, revision } = action;
    const startSeconds = (startNs - this.#originNs) / 1e9;
    const begun = kind.named({
      ...{ member, revision, startSeconds, durationSeconds: null, error: null },
    });
    this.#options.onHappening?.({ number, isUnderWay: true, event: begun });
    let error: string | null = null;
    let hadNothingToDo = false;
    try {
      await action.begin();
      if (action.end !== undefined) {
        await this.#lasts(action.end.lastsMs);
        await action.end.putRight();
      }
    } catch (thrown) {
      hadNothingToDo = thrown instanceof NothingToDo;
      error = hadNothingToDo ? (thrown as NothingToDo).message : this.#wordsOf(thrown);
    }
    const event = kind.record({
      ...{ member: action.member, startSeconds, error },
      ...(hadNothingToDo
        ? { revision: null, durationSeconds: null, isFailure: false }
        : {
            revision: action.revision,
            durationSeconds: (sharedNowNs() - startNs) / 1e9,
            isFailure: error !== null && error !== RUN_WAS_OVER,
          }),
    });
    this.#options.onHappening?.({ number, isUnderWay: false, event });
    if (changesLeader) await this.#lasts(AFTERMATH_MS);
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#options.onEvent(false, sharedNowNs());
  }

  /** Resolves after so long, or when the run is over; null: not before. */
  #lasts(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#lasting.delete(end);
        resolve();
      };
      const timer = ms === null ? undefined : setTimeout(end, ms);
      this.#lasting.add(end);
      if (this.#isOver) end();
    });
  }

  /** @throws the error itself where it is a defect */
  #wordsOf(error: unknown): string {
    const refusal = this.#options.refusalOf(error);
    if (refusal === null) throw error;
    return this.#isOver && refusal.isCancelled ? RUN_WAS_OVER : refusal.words;
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
