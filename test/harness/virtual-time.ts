/**
 * Replaces Node's clock and timers with ones that only a test advances: `performance.now`, timers,
 * immediates, and `Atomics.wait`, which only takes time. Tests of timing then need no waiting and
 * have the same outcome on a loaded machine.
 */

interface Timer {
  id: number;
  dueMs: number;
  /** Null: fires once. */
  everyMs: number | null;
  action: () => void;
}

/** Time of one turn of the event loop; without it, a loop of immediates never ends. */
const TURN_MS = 0.001;

export class VirtualTime {
  nowMs = 1_000;
  /** How early timers fire, as in Node by up to a millisecond. */
  earlyMs = 0;
  /** How many times a thread slept, and the total time. */
  naps = 0;
  nappedMs = 0;
  /** Sorted by due time, then by age. */
  readonly #timers: Timer[] = [];
  #immediates: (() => void)[] = [];
  #nextId = 1;
  readonly #restore: (() => void)[] = [];

  get pendingTimers(): number {
    return this.#timers.length;
  }

  get pendingImmediates(): number {
    return this.#immediates.length;
  }

  get nowNs(): number {
    return this.nowMs * 1e6;
  }

  /** Runs `use` under a virtual clock, and always restores Node's clock. */
  static async during<T>(use: (time: VirtualTime) => Promise<T>): Promise<T> {
    const time = new VirtualTime();
    time.#install();
    try {
      return await use(time);
    } finally {
      for (const restore of time.#restore) restore();
    }
  }

  /** Advances time by `ms` and runs everything that becomes due. */
  async pass(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /** Advances time until the condition is true; returns false after `limitMs`. */
  async until(condition: () => boolean, limitMs = 60_000): Promise<boolean> {
    const endMs = this.nowMs + limitMs;
    for (;;) {
      // Promise callbacks run first, as after every callback in Node.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      if (condition()) return true;
      if (!this.#step(endMs)) return false;
    }
  }

  #step(endMs: number): boolean {
    const due = this.#timers[0] ?? null;
    if (due !== null && due.dueMs - this.earlyMs <= this.nowMs) {
      this.#fire(due);
    } else if (this.#immediates.length > 0 && this.nowMs < endMs) {
      const immediates = this.#immediates;
      this.#immediates = [];
      for (const action of immediates) action();
      this.nowMs += TURN_MS;
    } else if (due !== null && due.dueMs - this.earlyMs <= endMs) {
      this.nowMs = due.dueMs - this.earlyMs;
      this.#fire(due);
    } else {
      this.nowMs = Math.max(this.nowMs, endMs);
      return false;
    }
    return true;
  }

  #fire(timer: Timer): void {
    // At least one turn later, so that timers that fire early still end.
    this.nowMs += TURN_MS;
    this.#clear(timer);
    if (timer.everyMs !== null) {
      timer.dueMs += timer.everyMs;
      this.#insert(timer);
    }
    timer.action();
  }

  #add(action: () => void, ms: number, repeats: boolean): Timer {
    // Node's timers use whole milliseconds, at least one.
    const delayMs = Math.max(1, Math.trunc(ms));
    const everyMs = repeats ? delayMs : null;
    const timer = { id: this.#nextId++, dueMs: this.nowMs + delayMs, everyMs, action };
    this.#insert(timer);
    return timer;
  }

  /** Binary search, because some tests have a thousand timers. */
  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { dueMs, id } = this.#timers[middle]!;
      if (dueMs < timer.dueMs || (dueMs === timer.dueMs && id < timer.id)) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
  }

  #clear(timer: Timer): void {
    const at = this.#timers.indexOf(timer);
    if (at >= 0) this.#timers.splice(at, 1);
  }

  #install(): void {
    const clear = (timer: Timer | null | undefined) => {
      if (timer != null) this.#clear(timer);
    };
    this.#replace(performance, "now", () => this.nowMs);
    this.#replace(globalThis, "setTimeout", (action: () => void, ms = 0) =>
      this.#add(action, ms, false),
    );
    this.#replace(globalThis, "setInterval", (action: () => void, ms = 0) =>
      this.#add(action, ms, true),
    );
    this.#replace(globalThis, "clearTimeout", clear);
    this.#replace(globalThis, "clearInterval", clear);
    this.#replace(globalThis, "setImmediate", (action: () => void) => {
      this.#immediates.push(action);
    });
    this.#replace(Atomics, "wait", (_array: unknown, _at: number, _value: number, ms: number) => {
      this.naps += 1;
      this.nappedMs += ms;
      this.nowMs += ms;
      return "timed-out";
    });
  }

  #replace(owner: object, name: string, substitute: unknown): void {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value: substitute, configurable: true, writable: true });
    this.#restore.push(() => {
      // Deleting our property restores the inherited one.
      if (own === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, own);
    });
  }
}
