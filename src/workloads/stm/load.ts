/**
 * Runs the stm workload: lock, transaction, unlock, each a part with steps of its own in the client's
 * own slot; without a locker the transaction alone.
 */

import { type RequestTemplate, Status, type Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { seriesHandles } from "../../load/series-handles.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import type { Part, PartHost } from "../parts/calls/part.ts";
import { ClientLock } from "../parts/contention/client-lock.ts";
import { RpcLock } from "../parts/contention/rpc-lock.ts";
import { replayedKeys } from "../parts/keys/written-keys.ts";
import type { StmWorkload } from "./schema.ts";
import { StmTransaction } from "./stm-transaction.ts";

export interface StmRequests {
  plan: StmWorkload;
  /** Null without a locker: the lock's name, and decimal ids of leases by client of the run. */
  lock: { name: string; leases: readonly string[] } | null;
}

const HANDLES = seriesHandles("whole", "txn", "lock", "unlock");
const { txn: TXN, lock: LOCK, unlock: UNLOCK } = HANDLES.numbers;

export function stmSeries({ locker }: StmWorkload): string[] {
  const locked =
    locker === "stm" ? { lock: null, unlock: null } : { lock: "stm-lock", unlock: "stm-unlock" };
  return HANDLES.names({ whole: "stm", txn: "stm-txn", ...locked });
}

export class Stm implements Workload {
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #transaction: StmTransaction;
  /** By series; the first is the whole's. */
  readonly #parts: (Part | null)[];
  readonly #part: Uint8Array;
  readonly #partNs: Float64Array;

  constructor(
    { plan, lock }: StmRequests,
    seed: number,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
  ) {
    this.#operations = operations;
    this.#transport = transport;
    const { clientNumbers, workerIndex } = share;
    const clients = clientNumbers.length;
    const host: PartHost = {
      call: (client, template, nowNs) => operations.call(client, client, template, nowNs),
      cancel: (client) => transport.cancel(client),
      done: (client, nowNs) => this.#done(client, nowNs),
      fail: (client, status, message, nowNs) => this.#fail(client, status, message, nowNs),
      count: (name, amount) => operations.count(0, name, amount),
    };
    this.#transaction = new StmTransaction(plan, seed, workerIndex, clients, host, transport);
    this.#parts = [null, this.#transaction];
    if (lock !== null) {
      const { name, leases } = lock;
      const contenders = clientNumbers.map((number) => ({ name, lease: leases[number]! }));
      const Lock = plan.locker === "lock-rpc" ? RpcLock : ClientLock;
      const made = new Lock(contenders, host, transport);
      this.#parts.push(made.acquire, made.release);
    }
    this.#part = new Uint8Array(clients);
    this.#partNs = new Float64Array(clients);
  }

  begin(client: number, nowNs: number): void {
    this.#start(client, this.#firstPart, nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#partNs[client] = nowNs;
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    this.#partOf(client).onMessage(client, bytes, start, end, nowNs);
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    if (status === Status.OK) this.#partOf(client).onAnswered(client, nowNs);
    else this.#fail(client, status, message, nowNs);
  }

  onCallUnprocessed(client: number): void {
    this.#operations.resend(client, this.#partOf(client).request(client));
  }

  /** Where the lock is not taken yet, the whole is known by it. */
  requestOf(client: number): RequestTemplate {
    return this.#part[client] === TXN
      ? this.#transaction.firstRead(client)
      : this.#partOf(client).request(client);
  }

  cancel(client: number, nowNs: number, status: number, message: string): void {
    this.#transport.cancel(client);
    this.#failPart(client, status, message, nowNs);
  }

  onDropped(waitedNs: number): void {
    this.#operations.dropped(this.#firstPart, waitedNs);
  }

  restart(): void {
    this.#transaction.restart();
  }

  #done(client: number, nowNs: number): void {
    const part = this.#part[client]!;
    this.#operations.sample(part, nowNs - this.#partNs[client]!, this.#lateNs(client));
    if (part === LOCK) this.#start(client, TXN, nowNs);
    else if (part === TXN && this.#parts.length > LOCK) this.#start(client, UNLOCK, nowNs);
    else {
      // The whole is known by its transaction.
      this.#part[client] = TXN;
      this.#operations.end(client, Status.OK, "", nowNs);
    }
  }

  #fail(client: number, status: number, message: string, nowNs: number): void {
    this.#failPart(client, status, message, nowNs);
    if (this.#part[client] === UNLOCK) this.#part[client] = TXN;
    this.#operations.end(client, status, message, nowNs);
  }

  get #firstPart(): number {
    return this.#parts.length > LOCK ? LOCK : TXN;
  }

  #failPart(client: number, status: number, message: string, nowNs: number): void {
    const spentNs = nowNs - this.#partNs[client]!;
    const part = this.#part[client]!;
    this.#operations.fail(part, spentNs, status, message, this.#lateNs(client));
  }

  /** The first part is due with its operation, each other one when the part before has ended. */
  #lateNs(client: number): number {
    if (this.#part[client] !== this.#firstPart) return 0;
    return this.#partNs[client]! - this.#operations.dueNs(client);
  }

  #start(client: number, part: number, nowNs: number): void {
    this.#part[client] = part;
    this.#partNs[client] = nowNs;
    this.#parts[part]!.start(client, nowNs);
  }

  #partOf(client: number): Part {
    return this.#parts[this.#part[client]!]!;
  }
}

export interface StmSpec extends OperationSpec {
  kind: "stm";
  stm: StmRequests;
}

export const stmLoad: Load<StmSpec> = {
  kind: "stm",
  make: ({ stm }, { seed, share, operations, transport }) =>
    new Stm(stm, seed, share, operations, transport),
  // Who waits for the lock holds a stream until another has let it go.
  holdsClientStreams: ({ stm }) => stm.plan.locker !== "stm",
  writtenKeys(spec, share, seed, begun) {
    const { plan } = spec.stm;
    // The keys of the lock hang on leases, which are revoked.
    const withoutLock: StmSpec = { ...spec, stm: { plan: { ...plan, locker: "stm" }, lock: null } };
    const most = Math.max(0, ...begun);
    // A transaction reads its keys first.
    return replayedKeys(stmLoad, withoutLock, share, seed, [most], plan.keysPerTxn);
  },
};
