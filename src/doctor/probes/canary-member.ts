/**
 * The canary's requests to one member: a put, a linearizable and a serializable read, a keep-alive,
 * and a watch that hears of the puts to all members.
 */
import { nowNs } from "../../clock.ts";
import { prefixEnd } from "../../plan/key-range.ts";
import type { CallError, MemberCalls, Method } from "./member-calls.ts";
import { LatencyProbe, type ProbeLatency } from "./probe-latency.ts";

const NS_PER_MS = 1e6;
const REQUEST_TIMEOUT_MS = 5_000;
const WATCH_OPEN_MS = 5_000;
/** An event that is later than this is given up: a member may hear none for the whole window. */
const LATEST_EVENT_MS = 60_000;
const VALUE_BYTES = 256;
const IN_FLIGHT = "the request before it had no answer yet";
const NO_ANSWER = "no answer came";

const PUT: Method = ["etcdserverpb.KV", "Put"];
const RANGE: Method = ["etcdserverpb.KV", "Range"];
const WATCH: Method = ["etcdserverpb.Watch", "Watch"];
const KEEP_ALIVE: Method = ["etcdserverpb.Lease", "LeaseKeepAlive"];

/** In the order of their slots. `watchEvent`: from when a put left until its event was here. */
export const CANARY_KINDS = [
  "write",
  "linearizableRead",
  "serializableRead",
  "keepAlive",
  "watchEvent",
] as const;

export type CanaryKind = (typeof CANARY_KINDS)[number];

/** Kinds with one answer for each request. */
const UNARY_KINDS = ["write", "linearizableRead", "serializableRead"] as const;

type UnaryKind = (typeof UNARY_KINDS)[number];

export interface CanaryMemberOptions {
  name: string;
  calls: MemberCalls;
  firstSlot: number;
  /** Of all keys of this canary. */
  prefix: Buffer;
  /** Decimal. */
  lease: string;
}

interface WatchResponse {
  created: boolean;
  canceled: boolean;
  cancelReason: string;
  events: { kv: { value: Buffer } | null }[];
}

export class CanaryMember {
  readonly name: string;
  readonly #options: CanaryMemberOptions;
  readonly #key: Buffer;
  readonly #probes = Object.fromEntries(
    CANARY_KINDS.map((kind) => [kind, new LatencyProbe()]),
  ) as Record<CanaryKind, LatencyProbe>;
  /** By number, when the puts left whose events are still to come; the oldest first. */
  readonly #expected = new Map<number, number>();
  /** When the put and the reads in flight were sent. */
  readonly #inFlight = new Map<UnaryKind, number>();
  #keepAliveSentNs: number | null = null;
  #isWatching = false;
  /** What is sent from now on is counted: the first requests find code that is not compiled yet. */
  #isCounted = false;

  constructor(options: CanaryMemberOptions) {
    this.name = options.name;
    this.#options = options;
    this.#key = Buffer.concat([options.prefix, Buffer.from(options.name, "utf8")]);
  }

  /** Opens the watch and the stream of keep-alives; resolves when the watch is there or has failed. */
  open(): Promise<void> {
    const { calls, lease } = this.#options;
    calls.stream<{ TTL: string }>(
      this.#slot("keepAlive"),
      KEEP_ALIVE,
      { ID: lease },
      {
        onMessage: ({ TTL }, atNs) => this.#keptAlive(Number(TTL), atNs),
        onEnd: (reason) => this.#keepAliveFailed(nowNs(), reason),
      },
    );
    this.#keepAliveSentNs = nowNs();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#probes.watchEvent.addFailure(
          WATCH_OPEN_MS,
          `no watch was created in ${WATCH_OPEN_MS} ms`,
        );
        resolve();
      }, WATCH_OPEN_MS);
      const settle = () => {
        clearTimeout(timer);
        resolve();
      };
      const { prefix } = this.#options;
      const request = { createRequest: { key: prefix, rangeEnd: prefixEnd(prefix) } };
      calls.stream<WatchResponse>(this.#slot("watchEvent"), WATCH, request, {
        onMessage: (response, atNs) => {
          if (response.canceled)
            this.#watchEnded(response.cancelReason || "etcd cancelled the watch");
          else if (response.created) this.#isWatching = true;
          for (const { kv } of response.events) this.#heard(kv?.value, atNs);
          settle();
        },
        onEnd: (reason) => {
          this.#watchEnded(reason);
          settle();
        },
      });
    });
  }

  /**
   * Sends a put and a keep-alive.
   * @returns when the put left; null: the last one is in flight, or this turn is not counted
   */
  write(turn: number, isCounted: boolean): number | null {
    this.#isCounted = isCounted;
    this.#keepAlive();
    const value = Buffer.alloc(VALUE_BYTES);
    value.writeDoubleBE(turn, 0);
    const { lease } = this.#options;
    const sentNs = nowNs();
    const isSent = this.#send("write", PUT, { key: this.#key, value, lease });
    return isSent && isCounted ? sentNs : null;
  }

  /** Sends both reads, apart from the put: they would wait for the leader to sync it to its disk. */
  read(): void {
    this.#send("linearizableRead", RANGE, { key: this.#key });
    this.#send("serializableRead", RANGE, { key: this.#key, serializable: true });
  }

  expectEvent(turn: number, sentNs: number): void {
    if (!this.#isWatching) return;
    this.#expected.set(turn, sentNs);
    for (const [oldest, oldestNs] of this.#expected) {
      const waitedMs = (sentNs - oldestNs) / NS_PER_MS;
      if (waitedMs <= LATEST_EVENT_MS) break;
      this.#expected.delete(oldest);
      this.#probes.watchEvent.addFailure(waitedMs, `no event in ${LATEST_EVENT_MS} ms`);
    }
  }

  /** An answer or an event is still to come. */
  get isWaiting(): boolean {
    const { calls } = this.#options;
    return this.#expected.size > 0 || UNARY_KINDS.some((kind) => !calls.isFree(this.#slot(kind)));
  }

  /** Once, at the end: an answer that has not come by now is missing, and is ignored if it comes later. */
  result(): Record<CanaryKind, ProbeLatency> {
    const atNs = nowNs();
    this.#watchEnded("no event came");
    this.#keepAliveFailed(atNs, NO_ANSWER);
    for (const [kind, sentNs] of this.#inFlight) {
      this.#probes[kind].addFailure((atNs - sentNs) / NS_PER_MS, NO_ANSWER);
    }
    this.#inFlight.clear();
    const figures = CANARY_KINDS.map((kind) => [kind, this.#probes[kind].result()] as const);
    return Object.fromEntries(figures) as Record<CanaryKind, ProbeLatency>;
  }

  #slot(kind: CanaryKind): number {
    return this.#options.firstSlot + CANARY_KINDS.indexOf(kind);
  }

  /** False where the last request of the kind is still in flight. */
  #send(kind: UnaryKind, method: Method, request: object): boolean {
    const { calls } = this.#options;
    const probe = this.#probes[kind];
    const isCounted = this.#isCounted;
    if (!calls.isFree(this.#slot(kind))) {
      if (isCounted) probe.addFailure(0, IN_FLIGHT);
      return false;
    }
    this.#inFlight.set(kind, nowNs());
    calls.call(this.#slot(kind), method, request, REQUEST_TIMEOUT_MS).then(
      ({ ms }) => {
        if (this.#inFlight.delete(kind) && isCounted) probe.add(ms);
      },
      (error: CallError) => {
        if (this.#inFlight.delete(kind)) probe.addFailure(error.waitedMs, error.message);
      },
    );
    return true;
  }

  #keepAlive(): void {
    if (this.#keepAliveSentNs !== null) {
      this.#probes.keepAlive.addFailure(0, IN_FLIGHT);
      return;
    }
    if (this.#options.calls.isFree(this.#slot("keepAlive"))) return;
    this.#keepAliveSentNs = nowNs();
    this.#options.calls.sendAgain(this.#slot("keepAlive"));
  }

  #keptAlive(ttlSeconds: number, atNs: number): void {
    if (ttlSeconds <= 0) this.#keepAliveFailed(atNs, "etcd does not know the lease (TTL 0)");
    if (this.#keepAliveSentNs === null) return;
    const ms = (atNs - this.#keepAliveSentNs) / NS_PER_MS;
    if (this.#isCounted) this.#probes.keepAlive.add(ms);
    this.#keepAliveSentNs = null;
  }

  #keepAliveFailed(atNs: number, reason: string): void {
    if (this.#keepAliveSentNs === null) return;
    const waitedMs = (atNs - this.#keepAliveSentNs) / NS_PER_MS;
    this.#probes.keepAlive.addFailure(waitedMs, reason);
    this.#keepAliveSentNs = null;
  }

  #heard(value: Buffer | undefined, atNs: number): void {
    if (value === undefined || value.length < 8) return;
    const turn = value.readDoubleBE(0);
    const sentNs = this.#expected.get(turn);
    if (sentNs === undefined) return;
    this.#expected.delete(turn);
    this.#probes.watchEvent.add((atNs - sentNs) / NS_PER_MS);
  }

  #watchEnded(reason: string): void {
    const atNs = nowNs();
    for (const sentNs of this.#expected.values()) {
      this.#probes.watchEvent.addFailure((atNs - sentNs) / NS_PER_MS, reason);
    }
    this.#expected.clear();
    this.#isWatching = false;
  }
}
