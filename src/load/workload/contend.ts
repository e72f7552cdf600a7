/**
 * Owns the lock and election workloads: each client gets its name's lock or leadership, keeps it for
 * a while and gives it back, for which all clients of that name contend. Two owners at once are
 * counted, wherever they live; who owns is known from the shared board.
 */
import type { WorkerShare } from "../../plan/shares.ts";
import type { ElectionWorkload } from "../../plan/workload/election.ts";
import type { LockWorkload } from "../../plan/workload/lock.ts";
import type { Transport } from "../transport.ts";
import { Status } from "../wire/grpc-status.ts";
import { ClientLock } from "./client-lock.ts";
import { ContentionBoard } from "./contention-board.ts";
import { ElectionObservers } from "./election-observers.ts";
import { KeepAlives } from "./keep-alives.ts";
import type { Contender, Locker } from "./locker.ts";
import { countOrder, OrderCheck } from "./order-check.ts";
import { OwnedTime } from "./owned-time.ts";
import type { Part, PartHost } from "./part.ts";
import { RpcElection } from "./rpc-election.ts";
import { RpcLock } from "./rpc-lock.ts";
import { Sessions } from "./sessions.ts";
import type { Operations, Workload } from "./workload.ts";

export interface ContendRequests {
  plan: LockWorkload | ElectionWorkload;
  /** What is contended for, by number; client k contends for k mod their count. */
  names: readonly string[];
  /** Decimal ids, by the client's number in the whole run. */
  leases: readonly string[];
  /** Of a ContentionBoard. */
  board: SharedArrayBuffer;
  /** Of the whole run. */
  workers: number;
}

/** The series of the workload, the whole first; a part's place is where it stands here. */
export function contendSeries(plan: LockWorkload | ElectionWorkload): string[] {
  if (plan.kind === "lock") return ["lock", "lock-acquire", "lock-hand-over", "lock-release"];
  return [
    "election",
    "election-campaign",
    "election-hand-over",
    "election-resign",
    "election-observe",
    ...(plan.proclaims > 0 ? ["election-proclaim"] : []),
  ];
}

const ACQUIRE = 1;
const HAND_OVER = 2;
const RELEASE = 3;
const OBSERVE = 4;
const PROCLAIM = 5;

/** What a client is about; the parts are those of the series that they are recorded in. */
const IDLE = 10;
const RENEW = 11;
const HOLD = 12;

const EXPIRED = "the session's lease has expired (TTL 0)";

/**
 * The connections of the slots beyond the clients': one for the keep-alives of each, one for the
 * check of the order, and one for each observer.
 */
export function contendSlotConnections(requests: ContendRequests, share: WorkerShare): number[] {
  const connections = share.connectionEndpoints.length;
  const observers = observedNames(requests, share).length;
  return [
    ...Array.from({ length: connections }, (_, connection) => connection),
    0,
    ...Array.from({ length: observers }, (_, observer) => observer % connections),
  ];
}

/** Each election is one worker's to observe. */
function observedNames(
  { plan, names, workers }: ContendRequests,
  { workerIndex }: WorkerShare,
): string[] {
  if (plan.kind !== "election") return [];
  return names.filter((_, index) => index % workers === workerIndex);
}

export class Contend implements Workload {
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #numbers: readonly number[];
  readonly #names: readonly string[];
  readonly #proclaims: number;
  readonly #holdMs: number;
  readonly #board: ContentionBoard;
  readonly #locker: Locker;
  /** Each is the locker, or null. */
  readonly #election: RpcElection | null;
  readonly #rpcLock: RpcLock | null;
  readonly #sessions: Sessions;
  readonly #keepAlives: KeepAlives;
  readonly #orderCheck: OrderCheck;
  readonly #observers: ElectionObservers;
  readonly #ownedTime: OwnedTime;
  readonly #orderSlot: number;
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
    const { clientNumbers, clientConnections } = share;
    const clients = clientNumbers.length;
    this.#numbers = clientNumbers;
    this.#names = names;
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
    const isElection = plan.kind === "election";
    this.#election = isElection
      ? new RpcElection(contenders, clientNumbers, host, transport)
      : null;
    this.#rpcLock =
      !isElection && plan.locker === "lock-rpc" ? new RpcLock(contenders, host, transport) : null;
    this.#locker = this.#election ?? this.#rpcLock ?? new ClientLock(contenders, host, transport);
    const ownLeases = contenders.map(({ lease }) => lease);
    const { ttlSeconds } = plan;
    this.#sessions = new Sessions(
      {
        ttlSeconds,
        leases: ownLeases,
        onRenewed: (client, lease, nowNs) => this.#renewed(client, lease, nowNs),
      },
      host,
      transport,
    );
    const connections = share.connectionEndpoints.length;
    this.#orderSlot = firstSlot + connections;
    this.#keepAlives = new KeepAlives(
      { ttlSeconds, leases: ownLeases, clientConnections, connections, firstSlot },
      transport,
      (client, nowNs) => this.#expired(client, nowNs),
    );
    this.#orderCheck = new OrderCheck(this.#orderSlot, operations, transport);
    const place = { firstSlot: this.#orderSlot + 1, series: OBSERVE };
    const observed = observedNames(requests, share);
    this.#observers = new ElectionObservers(observed, place, this.#board, operations, transport);
    this.#ownedTime = new OwnedTime(plan.holdMs, clients, (client, nowNs) => {
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

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (slot < this.#state.length) {
      this.#partOf(slot)?.onMessage(slot, bytes, start, end, nowNs);
    } else if (slot < this.#orderSlot) {
      this.#keepAlives.onMessage(slot, bytes, start, end, nowNs);
    } else if (slot === this.#orderSlot) {
      this.#orderCheck.onMessage(bytes, start, end);
    } else {
      this.#observers.onMessage(slot, bytes, start, end, nowNs);
    }
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (slot >= this.#state.length) {
      this.#otherCallEnd(slot, status);
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

  /** The whole operation counts as failed; of the part that it was in, nothing does. */
  cancel(client: number, nowNs: number): void {
    this.#transport.cancel(client);
    this.#drop(client, Status.CANCELLED, nowNs);
  }

  restart(): void {
    for (const number of this.#numbers) this.#board.forgetAcquisitions(number);
  }

  onPhaseStart(nowNs: number): void {
    this.tick(nowNs);
  }

  tick(nowNs: number): void {
    this.#keepAlives.tick(nowNs);
    this.#observers.tick(nowNs);
  }

  #done(client: number, nowNs: number): void {
    const state = this.#state[client]!;
    if (state === RENEW) {
      this.#ask(client, nowNs);
      return;
    }
    this.#operations.sample(state, nowNs - this.#stateNs[client]!);
    if (state === ACQUIRE) this.#acquired(client, nowNs);
    else if (state === PROCLAIM) this.#proclaimOrHold(client, nowNs);
    else {
      this.#state[client] = IDLE;
      this.#operations.end(client, Status.OK, "", nowNs);
    }
  }

  #fail(client: number, status: number, message: string, nowNs: number): void {
    const state = this.#state[client]!;
    if (state !== RENEW && state !== HOLD) {
      this.#operations.fail(state, nowNs - this.#stateNs[client]!, status, message);
    }
    this.#drop(client, status, nowNs);
    this.#operations.end(client, status, message, nowNs);
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
    this.#checkOrder(client, number);
    this.#proclaimed[client] = 0;
    this.#proclaimOrHold(client, nowNs);
  }

  #checkOrder(client: number, number: number): void {
    const createRevision = this.#locker.createRevision(client);
    if (createRevision !== null) {
      countOrder(this.#operations, this.#board.isInOrder(number, createRevision));
    } else if (this.#rpcLock !== null) {
      this.#orderCheck.acquired(client, this.#names[this.#board.nameOf(number)]!, this.#rpcLock);
    }
  }

  #proclaimOrHold(client: number, nowNs: number): void {
    if (this.#proclaimed[client]! < this.#proclaims) {
      this.#proclaimed[client]! += 1;
      this.#enter(client, PROCLAIM, nowNs);
    } else if (this.#holdMs > 0) {
      this.#state[client] = HOLD;
      this.#ownedTime.start(client, nowNs);
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
    if (state === HOLD) this.#ownedTime.cancel(client);
    if (state === HOLD || state === PROCLAIM) this.#board.released(this.#numbers[client]!, nowNs);
    this.#keepAlives.setLease(client, null, nowNs);
    this.#sessions.abandon(client);
  }

  #renewed(client: number, lease: string, nowNs: number): void {
    this.#operations.count(0, "renewedSessions", 1);
    this.#board.setLease(this.#numbers[client]!, lease);
    this.#locker.renew(client, lease);
    this.#keepAlives.setLease(client, lease, nowNs);
  }

  #expired(client: number, nowNs: number): void {
    if (!this.#sessions.isAlive(client)) return;
    this.#operations.count(0, "expiredSessions", 1);
    if (this.#state[client] === IDLE) {
      this.#keepAlives.setLease(client, null, nowNs);
      this.#sessions.expired(client);
      return;
    }
    this.#transport.cancel(client);
    this.#fail(client, Status.NOT_FOUND, EXPIRED, nowNs);
  }

  #otherCallEnd(slot: number, status: number): void {
    if (slot < this.#orderSlot) this.#keepAlives.onStreamEnd(slot);
    else if (slot === this.#orderSlot) this.#orderCheck.onCallEnd(status);
    else this.#observers.onStreamEnd(slot);
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
