/**
 * Runs the lock and election workloads: each client gets its name's lock or leadership, keeps it for a
 * while and gives it back, for which all clients of that name contend. Two owners at once are counted,
 * in whichever workers they are: the owner is known from the shared board.
 */

import { Status, type Transport } from "#wire";
import type { Operations, Workload } from "../../../load/workload.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import type { Part, PartHost } from "../calls/part.ts";
import { NO_LEASE } from "../leases/no-lease.ts";
import { ClientLock } from "./client-lock.ts";
import { ACQUIRE, type ContendRequests, HAND_OVER, PROCLAIM, RELEASE } from "./contend-requests.ts";
import { ContentionBoard } from "./contention-board.ts";
import { ContentionUpkeep } from "./contention-upkeep.ts";
import { HoldTimer } from "./hold-timer.ts";
import type { Contender, Locker } from "./locker.ts";
import { RpcElection } from "./rpc-election.ts";
import { RpcLock } from "./rpc-lock.ts";
import { Sessions } from "./sessions.ts";

/** What a client is about; the parts are those of the series that they are recorded in. */
const IDLE = 10;
const RENEW = 11;
const HOLD = 12;

const EXPIRED = "etcd does not know the session's lease (TTL 0): it has expired or was revoked";

export class Contend implements Workload {
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #numbers: readonly number[];
  readonly #proclaims: number;
  readonly #holdMs: number;
  readonly #board: ContentionBoard;
  readonly #locker: Locker;
  /** The locker, or null. */
  readonly #election: RpcElection | null;
  readonly #sessions: Sessions;
  readonly #upkeep: ContentionUpkeep;
  readonly #holdTimer: HoldTimer;
  /** By client. */
  readonly #state: Uint8Array;
  readonly #stateNs: Float64Array;
  readonly #term: Int32Array;
  readonly #proclaimed: Int32Array;

  constructor(
    requests: ContendRequests,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
    firstSlot: number,
  ) {
    const { plan, names, leases, board } = requests;
    this.#operations = operations;
    this.#transport = transport;
    const { clientNumbers } = share;
    const clients = clientNumbers.length;
    this.#numbers = clientNumbers;
    this.#proclaims = plan.kind === "election" ? plan.proclaims : 0;
    this.#holdMs = plan.holdMs;
    this.#board = new ContentionBoard(board, { names: names.length, clients: share.clients });
    const contenders = clientNumbers.map((number): Contender => {
      return { name: names[this.#board.nameOf(number)]!, lease: leases[number]! };
    });
    const host: PartHost = {
      call: (client, template, nowNs) => operations.call(client, client, template, nowNs),
      cancel: (client) => transport.cancel(client),
      done: (client, nowNs) => this.#done(client, nowNs),
      fail: (client, status, message, nowNs) => this.#fail(client, status, message, nowNs),
      count: (name, amount) => operations.count(0, name, amount),
    };
    this.#election =
      plan.kind === "election" ? new RpcElection(contenders, clientNumbers, host, transport) : null;
    const rpcLock =
      plan.kind === "lock" && plan.locker === "lock-rpc"
        ? new RpcLock(contenders, host, transport)
        : null;
    this.#locker = this.#election ?? rpcLock ?? new ClientLock(contenders, host, transport);
    const ownLeases = contenders.map(({ lease }) => lease);
    const { ttlSeconds } = plan;
    this.#sessions = new Sessions(
      {
        ttlSeconds,
        leases: ownLeases,
        onRenewed: (client, lease, nowNs) => this.#renewed(client, lease, nowNs),
        onRevoked: (client) => this.#board.setLease(this.#numbers[client]!, NO_LEASE),
      },
      host,
      transport,
    );
    this.#upkeep = new ContentionUpkeep(
      { requests, share, leases: ownLeases, firstSlot },
      { locker: this.#locker, rpcLock, board: this.#board },
      operations,
      transport,
      (client, nowNs) => this.#expired(client, nowNs),
    );
    this.#holdTimer = new HoldTimer(plan.holdMs, clients, (client, nowNs) => {
      this.#giveBack(client, nowNs);
      transport.flush();
    });
    this.#state = new Uint8Array(clients).fill(IDLE);
    this.#stateNs = new Float64Array(clients);
    this.#term = new Int32Array(clients);
    this.#proclaimed = new Int32Array(clients);
  }

  begin(client: number, nowNs: number): void {
    if (this.#sessions.isAlive(client)) this.#ask(client, nowNs);
    else this.#enter(client, RENEW, nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#stateNs[client] = nowNs;
    if (this.#state[client] !== ACQUIRE) return;
    this.#board.asked(this.#numbers[client]!, this.#term[client]!, nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (slot < this.#state.length) {
      this.#partOf(slot)?.onMessage(slot, bytes, start, end, nowNs);
    } else {
      this.#upkeep.onMessage(slot, bytes, start, end, nowNs);
    }
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (slot >= this.#state.length) {
      this.#upkeep.onCallEnd(slot, status, message);
    } else if (this.#state[slot] === IDLE) {
      this.#sessions.settled(slot, status, nowNs);
    } else if (this.#state[slot] === RENEW && this.#sessions.isSettledBy(slot, status)) {
      this.#sessions.renewal.onAnswered(slot, nowNs);
    } else if (status === Status.OK) {
      this.#partOf(slot)!.onAnswered(slot, nowNs);
    } else {
      this.#fail(slot, status, message, nowNs);
    }
  }

  onCallUnprocessed(slot: number, nowNs: number): void {
    const isClient = slot < this.#state.length;
    if (!isClient || this.#state[slot] === IDLE) {
      this.onCallEnd(slot, Status.UNAVAILABLE, "the server refused the call", nowNs);
    } else {
      this.#operations.resend(slot, this.#partOf(slot)!.request(slot));
    }
  }

  cancel(client: number, nowNs: number, status: number, message: string): void {
    this.#transport.cancel(client);
    this.#failPart(client, status, message, nowNs);
    this.#drop(client, Status.CANCELLED, nowNs);
  }

  onDropped(waitedNs: number): void {
    this.#operations.dropped(ACQUIRE, waitedNs);
  }

  restart(): void {
    for (const number of this.#numbers) this.#board.forgetAcquisitions(number);
  }

  onPhaseStart(nowNs: number): void {
    this.tick(nowNs);
  }

  tick(nowNs: number): void {
    this.#upkeep.tick(nowNs);
  }

  #done(client: number, nowNs: number): void {
    const state = this.#state[client]!;
    if (state === RENEW) {
      this.#ask(client, nowNs);
      return;
    }
    this.#operations.sample(state, nowNs - this.#stateNs[client]!, this.#lateNs(client));
    if (state === ACQUIRE) this.#acquired(client, nowNs);
    else if (state === PROCLAIM) this.#proclaimOrHold(client, nowNs);
    else {
      this.#state[client] = IDLE;
      this.#operations.end(client, Status.OK, "", nowNs);
    }
  }

  #fail(client: number, status: number, message: string, nowNs: number): void {
    this.#failPart(client, status, message, nowNs);
    this.#drop(client, status, nowNs);
    this.#operations.end(client, status, message, nowNs);
  }

  #failPart(client: number, status: number, message: string, nowNs: number): void {
    const state = this.#state[client]!;
    // Without a session its acquisition, which was due, is never sent.
    if (state === RENEW) this.#operations.dropped(ACQUIRE, nowNs - this.#operations.dueNs(client));
    if (state === RENEW || state === HOLD) return;
    const spentNs = nowNs - this.#stateNs[client]!;
    this.#operations.fail(state, spentNs, status, message, this.#lateNs(client));
  }

  /** The acquisition is due with its operation, each other part when the one before has ended. */
  #lateNs(client: number): number {
    if (this.#state[client] !== ACQUIRE) return 0;
    return this.#stateNs[client]! - this.#operations.dueNs(client);
  }

  #ask(client: number, nowNs: number): void {
    this.#term[client]! += 1;
    const term = this.#term[client]!;
    this.#board.asked(this.#numbers[client]!, term, nowNs);
    this.#election?.setTerm(client, term);
    this.#enter(client, ACQUIRE, nowNs);
  }

  #acquired(client: number, nowNs: number): void {
    const number = this.#numbers[client]!;
    const term = this.#term[client]!;
    if (!this.#board.granted(number, term)) this.#operations.count(0, "twoOwners", 1);
    const handOverNs = this.#board.sinceHandOverNs(number, term, nowNs);
    if (handOverNs !== null) this.#operations.sample(HAND_OVER, handOverNs);
    this.#upkeep.checkOrder(client, number);
    this.#proclaimed[client] = 0;
    this.#proclaimOrHold(client, nowNs);
  }

  #proclaimOrHold(client: number, nowNs: number): void {
    if (this.#proclaimed[client]! < this.#proclaims) {
      this.#proclaimed[client]! += 1;
      this.#enter(client, PROCLAIM, nowNs);
    } else if (this.#holdMs > 0) {
      this.#state[client] = HOLD;
      this.#holdTimer.start(client, nowNs);
    } else {
      this.#giveBack(client, nowNs);
    }
  }

  #giveBack(client: number, nowNs: number): void {
    this.#board.released(this.#numbers[client]!, nowNs);
    this.#enter(client, RELEASE, nowNs);
  }

  #enter(client: number, state: number, nowNs: number): void {
    this.#state[client] = state;
    this.#stateNs[client] = nowNs;
    this.#partOf(client)!.start(client, nowNs);
  }

  /** The operation has failed, in whatever part, and the client's slot is free. */
  #drop(client: number, status: number, nowNs: number): void {
    const state = this.#state[client]!;
    this.#state[client] = IDLE;
    if (state === RENEW) {
      this.#sessions.settled(client, status, nowNs);
      return;
    }
    if (state === HOLD) this.#holdTimer.cancel(client);
    if (state === HOLD || state === PROCLAIM) this.#board.released(this.#numbers[client]!, nowNs);
    this.#upkeep.setLease(client, null, nowNs);
    this.#sessions.abandon(client);
  }

  #renewed(client: number, lease: string, nowNs: number): void {
    this.#operations.count(0, "renewedSessions", 1);
    this.#board.setLease(this.#numbers[client]!, lease);
    this.#locker.renew(client, lease);
    this.#upkeep.setLease(client, lease, nowNs);
  }

  #expired(client: number, nowNs: number): void {
    if (!this.#sessions.isAlive(client)) return;
    this.#operations.count(0, "expiredSessions", 1);
    if (this.#state[client] === IDLE) {
      this.#upkeep.setLease(client, null, nowNs);
      this.#sessions.expired(client);
      return;
    }
    this.#transport.cancel(client);
    this.#fail(client, Status.NOT_FOUND, EXPIRED, nowNs);
  }

  /** Null between operations and while a client keeps what it owns. */
  #partOf(client: number): Part | null {
    switch (this.#state[client]) {
      case RENEW:
        return this.#sessions.renewal;
      case ACQUIRE:
        return this.#locker.acquire;
      case PROCLAIM:
        return this.#election!.proclaim;
      case RELEASE:
        return this.#locker.release;
      default:
        return null;
    }
  }
}
