/**
 * Locks by etcd's lock service, each held for a short time, in which no other contender may get it. A
 * contender has a lease of its own. After a failed request it gives back what it may have before it
 * contends again.
 */
import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { nowNs as clockNs } from "../../clock.ts";
import type { Operations } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import type { Ended, RequestKind, RowValues } from "./request-kind.ts";

/** So many locks. Two requests after each other are for the same one, so that the second waits. */
const LOCKS = 64;
/** How long a client has a lock before it gives it back: two owners are seen within this time. */
export const HELD_MS = 20;

export interface LocksOptions {
  prefix: string;
  /** Decimal ids, one for each contender. */
  leases: readonly string[];
  /** From a client's slot to the one of its call for a lock, on another connection to the same member. */
  lockSlots: number;
}

interface Contender {
  /** Of its lease. */
  at: number;
  /** Of its lock. */
  number: number;
  lock: RequestTemplate;
  unlock: RequestTemplate;
  /** It may still have the lock of a request that failed. */
  isDirty: boolean;
}

const Step = { CLEAN: 0, LOCK: 1, HELD: 2, UNLOCK: 3 } as const;

export class Locks implements RequestKind {
  readonly #contenders: readonly Contender[];
  readonly #free: Contender[];
  /** Gives back what nobody has: a request without a contender must not take a lock from its owner. */
  readonly #ofNone: RequestTemplate;
  /** By client. */
  readonly #contenderOf: (Contender | null)[];
  readonly #lockSlots: number;
  /** By client, of its calls but the one for a lock. */
  readonly #slotOf: Uint32Array;
  readonly #stepOf: Uint8Array;
  /** Clients that have a lock, in the order in which they give it back, and from when on each has it. */
  readonly #holding: { client: number; sinceNs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  readonly #rows: RowValues;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #ended: Ended;

  constructor(
    { prefix, leases, lockSlots }: LocksOptions,
    rows: RowValues,
    operations: Operations,
    transport: Transport,
    ended: Ended,
  ) {
    this.#contenders = leases.map((lease, at) => {
      const number = Math.floor(at / 2) % LOCKS;
      const name = `${prefix}lock/${number}`;
      const key = Buffer.from(`${name}/${BigInt(lease).toString(16)}`);
      return {
        at,
        number,
        lock: transport.template(
          "/v3lockpb.Lock/Lock",
          encodeMessage("v3lockpb.LockRequest", { name: Buffer.from(name), lease }),
          CallMode.UNARY_ANSWER,
        ),
        unlock: transport.template(
          "/v3lockpb.Lock/Unlock",
          encodeMessage("v3lockpb.UnlockRequest", { key }),
          CallMode.UNARY_ANSWER,
        ),
        isDirty: false,
      };
    });
    this.#lockSlots = lockSlots;
    this.#free = [...this.#contenders];
    this.#ofNone = transport.template(
      "/v3lockpb.Lock/Unlock",
      encodeMessage("v3lockpb.UnlockRequest", { key: Buffer.from(`${prefix}lock/none`) }),
      CallMode.UNARY_ANSWER,
    );
    const clients = rows.number.length;
    this.#contenderOf = new Array(clients).fill(null);
    this.#slotOf = new Uint32Array(clients);
    this.#stepOf = new Uint8Array(clients);
    this.#rows = rows;
    this.#operations = operations;
    this.#transport = transport;
    this.#ended = ended;
  }

  begin(client: number, slot: number, _attachment: number, nowNs: number): void {
    const contender = this.#free.shift() ?? null;
    this.#contenderOf[client] = contender;
    this.#slotOf[client] = slot;
    // As many contenders as requests within a timeout: this is a request beyond them.
    if (contender === null) {
      this.#stepOf[client] = Step.CLEAN;
      this.#operations.call(client, slot, this.#ofNone, nowNs);
      return;
    }
    this.#rows.number[client] = contender.number;
    this.#step(client, contender.isDirty ? Step.CLEAN : Step.LOCK, nowNs);
  }

  onMessage(): void {
    // That there is an answer is all that matters.
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    const contender = this.#contenderOf[client];
    if (contender == null) {
      this.#ended(client, Status.RESOURCE_EXHAUSTED, "no contender is free", nowNs);
      return;
    }
    const step = this.#stepOf[client];
    if (status !== Status.OK) {
      this.#rows.known[client] = contender.at;
      this.#release(client, true);
      this.#ended(client, status, message, nowNs);
    } else if (step === Step.CLEAN) {
      contender.isDirty = false;
      this.#step(client, Step.LOCK, nowNs);
    } else if (step === Step.LOCK) {
      this.#stepOf[client] = Step.HELD;
      this.#rows.known[client] = (nowNs - this.#operations.dueNs(client)) / 1e6;
      this.#holding.push({ client, sinceNs: nowNs });
      this.#wait(nowNs);
    } else {
      this.#release(client, false);
      this.#ended(client, status, message, nowNs);
    }
  }

  resend(client: number, slot: number): void {
    this.#operations.resend(slot, this.#request(client));
  }

  slotOf(client: number): number {
    return this.#slotOf[client]! + (this.#stepOf[client] === Step.LOCK ? this.#lockSlots : 0);
  }

  cancelled(client: number): void {
    const at = this.#holding.findIndex((each) => each.client === client);
    if (at >= 0) this.#holding.splice(at, 1);
    this.#rows.known[client] = this.#contenderOf[client]?.at ?? 0;
    this.#release(client, true);
  }

  /** Until the first of those that have a lock gives it back. */
  #wait(nowNs: number): void {
    const [first] = this.#holding;
    if (this.#timer !== null || first === undefined) return;
    const leftMs = HELD_MS - (nowNs - first.sinceNs) / 1e6;
    this.#timer = setTimeout(() => this.#giveBack(), Math.max(0, leftMs));
  }

  #giveBack(): void {
    this.#timer = null;
    const nowNs = clockNs();
    while (this.#holding.length > 0 && nowNs - this.#holding[0]!.sinceNs >= HELD_MS * 1e6) {
      const { client } = this.#holding.shift()!;
      this.#rows.revision[client] = (nowNs - this.#operations.dueNs(client)) / 1e6;
      this.#step(client, Step.UNLOCK, nowNs);
    }
    this.#transport.flush();
    this.#wait(nowNs);
  }

  #step(client: number, step: number, nowNs: number): void {
    this.#stepOf[client] = step;
    this.#operations.call(client, this.slotOf(client), this.#request(client), nowNs);
  }

  #request(client: number): RequestTemplate {
    const contender = this.#contenderOf[client];
    if (contender == null) return this.#ofNone;
    return this.#stepOf[client] === Step.LOCK ? contender.lock : contender.unlock;
  }

  #release(client: number, isDirty: boolean): void {
    const contender = this.#contenderOf[client];
    if (contender == null) return;
    contender.isDirty = isDirty;
    this.#contenderOf[client] = null;
    // What one may still have keeps others waiting: it is given back by the next request.
    if (isDirty) this.#free.unshift(contender);
    else this.#free.push(contender);
  }
}
