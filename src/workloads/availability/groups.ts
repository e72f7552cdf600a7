/** Numbers the groups of requests: each operation with each place where a client may be attached. */
import { type Group, STATUS } from "../../failover/assess.ts";
import { ALL_ENDPOINTS } from "../../result/attachments.ts";
import type { AvailabilityOperation } from "./operations.ts";

type Requests = readonly Exclude<AvailabilityOperation, "watch">[];

/** The series of a run: of the whole, and of each kind of request. */
export function availabilitySeries(operations: readonly AvailabilityOperation[]): string[] {
  return ["availability", ...requestsOf(operations)];
}

/** Where that list has a kind of `Groups.requests`. */
export function seriesOfKind(kind: number): number {
  return 1 + kind;
}

/** A watch sends nothing that is due. */
function requestsOf(operations: readonly AvailabilityOperation[]): Requests {
  return operations.filter((each) => each !== "watch");
}

export class Groups {
  /** Requests that take turns; a watch and the looks at members send nothing that is due. */
  readonly requests: Requests;
  /** The members, by the endpoints in their order, and `all` where there are several. */
  readonly attachments: readonly string[];
  readonly members: number;
  /** By the number of the group. */
  readonly list: readonly Group[];

  constructor(operations: readonly AvailabilityOperation[], members: readonly string[]) {
    this.requests = requestsOf(operations);
    this.members = members.length;
    this.attachments = members.length > 1 ? [...members, ALL_ENDPOINTS] : [...members];
    const watches = operations.includes("watch") ? ["watch"] : [];
    this.list = [
      ...[...this.requests, ...watches].flatMap((operation) =>
        this.attachments.map((attachment) => ({ operation, attachment })),
      ),
      ...members.map((attachment) => ({ operation: STATUS, attachment })),
    ];
  }

  /** Of the n-th request: all operations at one attachment, then those at the next. */
  kindOf(turn: number): number {
    return turn % this.requests.length;
  }

  attachmentOf(turn: number): number {
    return Math.floor(turn / this.requests.length) % this.attachments.length;
  }

  of(kind: number, attachment: number): number {
    return kind * this.attachments.length + attachment;
  }

  watch(attachment: number): number {
    return this.of(this.requests.length, attachment);
  }

  status(member: number): number {
    return this.list.length - this.members + member;
  }
}
