/**
 * Does what contenders need in addition to their own requests, in its own slots: keeps the clients'
 * sessions alive, observes elections, and checks the order in which owners come.
 */

import type { Transport } from "#wire";
import type { Operations } from "../../../load/workload.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import { type ContendRequests, OBSERVE, observedNames } from "./contend-requests.ts";
import type { ContentionBoard } from "./contention-board.ts";
import { ElectionObservers } from "./election-observers.ts";
import { KeepAlives } from "./keep-alives.ts";
import type { Locker } from "./locker.ts";
import { countOrder, OrderCheck } from "./order-check.ts";
import type { RpcLock } from "./rpc-lock.ts";

export interface UpkeepOptions {
  requests: ContendRequests;
  share: WorkerShare;
  /** Decimal ids, by client of this worker. */
  leases: readonly string[];
  /** The first of the slots that contendSlotConnections tells of. */
  firstSlot: number;
}

export interface Owning {
  locker: Locker;
  /** The locker, where that is etcd's lock service. */
  rpcLock: RpcLock | null;
  board: ContentionBoard;
}

export class ContentionUpkeep {
  readonly #names: readonly string[];
  readonly #owning: Owning;
  readonly #operations: Operations;
  readonly #keepAlives: KeepAlives;
  readonly #orderCheck: OrderCheck;
  readonly #observers: ElectionObservers;
  /** Below it are the keep-alives' slots, above it the observers'. */
  readonly #orderSlot: number;

  /** `onExpired`: etcd has let the client's lease go. */
  constructor(
    { requests, share, leases, firstSlot }: UpkeepOptions,
    owning: Owning,
    operations: Operations,
    transport: Transport,
    onExpired: (client: number, nowNs: number) => void,
  ) {
    const { plan, names } = requests;
    const connections = share.connectionEndpoints.length;
    const { clientConnections } = share;
    const { ttlSeconds } = plan;
    this.#names = names;
    this.#owning = owning;
    this.#operations = operations;
    this.#orderSlot = firstSlot + connections;
    this.#keepAlives = new KeepAlives(
      { ttlSeconds, leases, clientConnections, connections, firstSlot },
      transport,
      onExpired,
    );
    this.#orderCheck = new OrderCheck(this.#orderSlot, operations, transport);
    const place = { firstSlot: this.#orderSlot + 1, series: OBSERVE };
    const observed = observedNames(requests, share);
    this.#observers = new ElectionObservers(observed, place, owning.board, operations, transport);
  }

  /** The client has this lease from now on; null: none. */
  setLease(client: number, lease: string | null, nowNs: number): void {
    this.#keepAlives.setLease(client, lease, nowNs);
  }

  /** The client, whose number in the whole run is `number`, has just become an owner. */
  checkOrder(client: number, number: number): void {
    const { locker, rpcLock, board } = this.#owning;
    const createRevision = locker.createRevision(client);
    if (createRevision !== null) {
      countOrder(this.#operations, board.isInOrder(number, createRevision));
    } else if (rpcLock !== null) {
      this.#orderCheck.acquired(client, this.#names[board.nameOf(number)]!, rpcLock);
    }
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (slot < this.#orderSlot) this.#keepAlives.onMessage(slot, bytes, start, end, nowNs);
    else if (slot === this.#orderSlot) this.#orderCheck.onMessage(bytes, start, end);
    else this.#observers.onMessage(slot, bytes, start, end, nowNs);
  }

  onCallEnd(slot: number, status: number, message: string): void {
    if (slot < this.#orderSlot) {
      this.#operations.count(0, "lostKeepAliveStreams", 1);
      this.#keepAlives.onStreamEnd(slot);
    } else if (slot === this.#orderSlot) {
      this.#orderCheck.onCallEnd(status);
    } else {
      this.#observers.onStreamEnd(slot, status, message);
    }
  }

  tick(nowNs: number): void {
    this.#keepAlives.tick(nowNs);
    this.#observers.tick(nowNs);
  }
}
