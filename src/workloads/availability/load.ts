/**
 * Sends requests of several operations in turns, each from clients that are attached to one member or
 * to all of them, and records every one. Which request is of which operation and attachment depends
 * on its place in the schedule alone, so that each of them has a schedule of its own, however long
 * others wait for their answers.
 */
import { type RequestTemplate, Status, type Transport } from "#wire";
import type { Load, LoadContext } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { NEVER_SENT, type RequestLog } from "../../load/recording/request-log.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import { prefixEnd } from "../../plan/key-range.ts";
import { Groups, seriesOfKind } from "./groups.ts";
import { KeepAlives } from "./keep-alives.ts";
import { KeyWatches } from "./key-watches.ts";
import { Locks } from "./locks.ts";
import { Puts } from "./puts.ts";
import { Reads } from "./reads.ts";
import { type Acknowledged, keyOf, type RequestKind, type RowValues } from "./request-kind.ts";
import type { AvailabilityWorkload } from "./schema.ts";
import { StatusLooks } from "./status-looks.ts";

export interface AvailabilityRequests {
  plan: AvailabilityWorkload;
  /** `host:port` of each member. */
  endpoints: string[];
  members: string[];
  /** UTF-8; of this run alone. */
  prefix: string;
  /** Decimal ids, as many for each attachment; empty where none is kept alive. */
  leases: string[];
  /** One for each contender for locks. */
  lockLeases: string[];
  /** Calls for locks that are open on a connection at once while etcd is well. */
  lockCallsAtOnce: number;
  timeoutMs: number;
}

export interface AvailabilitySpec extends OperationSpec {
  kind: "availability";
  availability: AvailabilityRequests;
}

/** The series of the whole run. */
const WHOLE = 0;

function hasLocks({ operations }: AvailabilityWorkload): boolean {
  return operations.includes("lock");
}

export class Availability implements Workload {
  readonly #groups: Groups;
  readonly #endpoints: number;
  readonly #firstSlot: number;
  /** Each client's slots of all members; after them come, with locks, as many for the calls that wait. */
  readonly #clientSlots: number;
  readonly #kinds: readonly RequestKind[];
  readonly #looks: StatusLooks;
  readonly #watches: KeyWatches | null;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #requests: RequestLog;
  readonly #rows: RowValues;
  readonly #acknowledged: Acknowledged = { put: 0, putRevision: 0, revision: 0 };
  /** By client, of its request: its kind, its group, and the slot that it is in. */
  readonly #kindOf: Uint8Array;
  readonly #groupOf: Uint16Array;
  readonly #slotOf: Uint32Array;
  #turn = 0;
  #nextPick = 0;
  #isMeasured = false;

  constructor({ availability }: AvailabilitySpec, context: LoadContext) {
    const { plan, endpoints, members, leases, timeoutMs } = availability;
    const { operations, transport, requests, share, seed, firstExtraSlot } = context;
    const clients = share.clientConnections.length;
    const prefix = Buffer.from(availability.prefix, "utf8");
    this.#groups = new Groups(plan.operations, members);
    this.#endpoints = endpoints.length;
    this.#firstSlot = firstExtraSlot;
    this.#clientSlots = clients * endpoints.length;
    const lockSlots = this.#clientSlots;
    this.#operations = operations;
    this.#transport = transport;
    this.#requests = requests;
    const column = () => new Float64Array(clients);
    this.#rows = { number: column(), revision: column(), known: column() };
    this.#kindOf = new Uint8Array(clients);
    this.#groupOf = new Uint16Array(clients);
    this.#slotOf = new Uint32Array(clients);
    const acknowledged = this.#acknowledged;
    const ended = (client: number, status: number, message: string, nowNs: number) =>
      this.#ended(client, status, message, nowNs);
    this.#kinds = this.#groups.requests.map((operation): RequestKind => {
      const common = [operations, transport, ended] as const;
      switch (operation) {
        case "put": {
          const own = { prefix, valSizeBytes: plan.valSizeBytes, seed, firstNumber: 1 };
          return new Puts(own, this.#rows, acknowledged, ...common);
        }
        case "range-linearizable":
        case "range-serializable": {
          const isSerializable = operation === "range-serializable";
          return new Reads({ prefix, isSerializable }, this.#rows, acknowledged, ...common);
        }
        case "lease-keepalive": {
          const attachments = this.#groups.attachments.length;
          return new KeepAlives({ leases, attachments }, this.#rows, ...common);
        }
        default: {
          const { prefix, lockLeases } = availability;
          return new Locks({ prefix, leases: lockLeases, lockSlots }, this.#rows, ...common);
        }
      }
    });
    const firstLook = firstExtraSlot + this.#clientSlots * (hasLocks(plan) ? 2 : 1);
    this.#looks = new StatusLooks(
      { groups: this.#groups, firstSlot: firstLook, everyMs: plan.statusEveryMs, timeoutMs },
      requests,
      transport,
    );
    const firstWatch = firstLook + endpoints.length;
    this.#watches = plan.operations.includes("watch")
      ? new KeyWatches(
          {
            groups: this.#groups,
            prefix,
            end: prefixEnd(prefix),
            firstSlot: firstWatch,
            onCancelled: (reason) => operations.cancelledWatcher(WHOLE, reason),
            pick: () => this.#pick((member) => firstWatch + endpoints.length + member),
          },
          requests,
          transport,
        )
      : null;
  }

  restart(isMeasured: boolean): void {
    this.#turn = 0;
    this.#isMeasured = isMeasured;
  }

  onPhaseStart(): void {
    this.#watches?.start(this.#isMeasured);
    if (this.#isMeasured) this.#looks.start();
  }

  onOperationsOver(): void {
    this.#looks.stop();
    if (this.unsettled === 0) this.#watches?.stop();
  }

  /** Watchers to whom acknowledged puts are still to come. */
  get unsettled(): number {
    return this.#watches?.missing(this.#acknowledged.putRevision) ?? 0;
  }

  giveUp(): void {
    this.#watches?.stop();
    this.#operations.settled();
  }

  begin(client: number, nowNs: number): void {
    const turn = this.#turn++;
    const kind = this.#groups.kindOf(turn);
    const attachment = this.#groups.attachmentOf(turn);
    const firstSlot = this.#firstSlot + client * this.#endpoints;
    const endpoint =
      attachment < this.#endpoints ? attachment : this.#pick((member) => firstSlot + member);
    this.#kindOf[client] = kind;
    this.#groupOf[client] = this.#groups.of(kind, attachment);
    this.#slotOf[client] = firstSlot + endpoint;
    this.#rows.number[client] = 0;
    this.#rows.revision[client] = 0;
    this.#rows.known[client] = 0;
    this.#kinds[kind]!.begin(client, firstSlot + endpoint, attachment, nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (this.#looks.owns(slot)) this.#looks.onMessage(slot, bytes, start, end);
    else if (this.#watches?.owns(slot)) {
      this.#watches.onMessage(slot, bytes, start, end, nowNs);
      this.#operations.settled();
    } else {
      const client = this.#clientOf(slot);
      this.#kinds[this.#kindOf[client]!]!.onMessage(client, bytes, start, end, nowNs);
    }
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (this.#looks.owns(slot)) this.#looks.onCallEnd(slot, status, nowNs);
    else if (this.#watches?.owns(slot)) this.#watches.onCallEnd(slot, status, nowNs);
    else {
      const client = this.#clientOf(slot);
      this.#kinds[this.#kindOf[client]!]!.onCallEnd(client, status, message, nowNs);
    }
  }

  onCallUnprocessed(slot: number, nowNs: number): void {
    if (this.#looks.owns(slot)) this.#looks.resend(slot);
    else if (this.#watches?.owns(slot)) {
      this.#watches.onCallEnd(slot, Status.UNAVAILABLE, nowNs);
    } else {
      const client = this.#clientOf(slot);
      this.#kinds[this.#kindOf[client]!]!.resend(client, slot);
    }
  }

  cancel(client: number, nowNs: number, status: number): void {
    const kind = this.#kinds[this.#kindOf[client]!]!;
    this.#transport.cancel(kind.slotOf?.(client) ?? this.#slotOf[client]!);
    kind.cancelled(client);
    this.#record(client, status, nowNs);
  }

  onDropped(waitedNs: number, dueNs: number): void {
    const turn = this.#turn++;
    const kind = this.#groups.kindOf(turn);
    this.#operations.dropped(seriesOfKind(kind), waitedNs);
    if (!this.#isMeasured) return;
    const group = this.#groups.of(kind, this.#groups.attachmentOf(turn));
    this.#requests.add(group, dueNs, dueNs + waitedNs, NEVER_SENT);
  }

  requestOf(client: number): RequestTemplate | null {
    return this.#kinds[this.#kindOf[client]!]!.requestOf?.(client) ?? null;
  }

  clientOf(slot: number): number {
    const isClients = !this.#looks.owns(slot) && this.#watches?.owns(slot) !== true;
    return isClients ? this.#clientOf(slot) : -1;
  }

  seriesOf(client: number): number {
    return seriesOfKind(this.#kindOf[client]!);
  }

  #ended(client: number, status: number, message: string, nowNs: number): void {
    this.#record(client, status, nowNs);
    this.#operations.end(client, status, message, nowNs, this.seriesOf(client));
  }

  #record(client: number, status: number, nowNs: number): void {
    if (!this.#isMeasured) return;
    const { number, revision, known } = this.#rows;
    const dueNs = this.#operations.dueNs(client);
    const [own, seen, before] = [number[client]!, revision[client]!, known[client]!];
    this.#requests.add(this.#groupOf[client]!, dueNs, nowNs, status, own, seen, before);
  }

  /** The member that a client of all goes to: the next one whose connection is up, as gRPC's round robin. */
  #pick(slotOf: (member: number) => number): number {
    const first = this.#nextPick;
    this.#nextPick = (first + 1) % this.#endpoints;
    for (let step = 0; step < this.#endpoints; step++) {
      const member = (first + step) % this.#endpoints;
      if (this.#transport.isReady?.(slotOf(member)) ?? true) return member;
    }
    return first;
  }

  #clientOf(slot: number): number {
    return Math.floor(((slot - this.#firstSlot) % this.#clientSlots) / this.#endpoints);
  }
}

export const availabilityLoad: Load<AvailabilitySpec> = {
  kind: "availability",
  make: (spec, context) => new Availability(spec, context),
  // A call for a lock stays open until another client, with a call, has given the lock back.
  ownConnections: ({ availability: { endpoints, plan } }) =>
    hasLocks(plan) ? [...endpoints, ...endpoints] : endpoints,
  calledConnections: ({ availability: { endpoints } }, _share, firstOwn) =>
    endpoints.map((_, member) => firstOwn + member),
  extraSlots({ availability: { endpoints, plan } }, share, firstOwn) {
    const members = endpoints.map((_, member) => firstOwn + member);
    const ofLocks = members.map((member) => member + endpoints.length);
    const slots = share.clientConnections.flatMap(() => members);
    const lockSlots = hasLocks(plan) ? share.clientConnections.flatMap(() => ofLocks) : [];
    const watches = plan.operations.includes("watch") ? [...members, ...members] : [];
    return [...slots, ...lockSlots, ...members, ...watches];
  },
  // The watch of the clients of all members may be at any of them.
  heldSlots({ availability: { endpoints, plan, lockCallsAtOnce } }, _share, firstOwn) {
    const members = endpoints.map((_, member) => firstOwn + member);
    const watches = plan.operations.includes("watch")
      ? [...members, ...(members.length > 1 ? members : [])]
      : [];
    const waiting = new Array<null>(hasLocks(plan) ? lockCallsAtOnce : 0).fill(null);
    return [...watches, ...waiting.flatMap(() => members.map((each) => each + endpoints.length))];
  },
  *writtenKeys({ availability }, _share, _seed, begun) {
    const prefix = Buffer.from(availability.prefix, "utf8");
    const most = begun.reduce((sum, each) => sum + each, 0);
    for (let number = 1; number <= most; number++) yield keyOf(prefix, number);
  },
};
