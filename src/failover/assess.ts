/** Puts together what a run's single requests saw of a fault, as the result keeps it. */
import type { Availability, AvailabilityGroup } from "../result/availability-schema.ts";
import { type Leadership, leadership } from "./leadership.ts";
import { leaseFigures } from "./leases.ts";
import { lockFigures } from "./locks.ts";
import { type Outcomes, ofGroup, selected } from "./outcomes.ts";
import { readFigures } from "./reads.ts";
import { type ServiceFigures, serviceFigures } from "./service.ts";
import { deliveries, watchFigures } from "./watches.ts";
import { lengthMs, unavailabilityWindows } from "./windows.ts";
import { type MemberKeys, writeFigures } from "./writes.ts";

/** What is asked of each member about itself; no operation of the load. */
export const STATUS = "status";

/** What the requests of one group are. */
export interface Group {
  operation: string;
  attachment: string;
}

export interface Fault {
  kind: string;
  /** Null: of no single member. */
  member: string | null;
  startMs: number;
  endMs: number | null;
}

export interface Recorded {
  outcomes: Outcomes;
  /** By the number in the column `group`. */
  groups: readonly Group[];
  slowMs: number;
  spacingMs: number;
  fault: Fault | null;
  /** What the members hold at the end. */
  members: readonly MemberKeys[];
  ttlSeconds: number;
}

export function assess(recorded: Recorded): Availability {
  const { outcomes, groups, slowMs, spacingMs, fault, members, ttlSeconds } = recorded;
  const rowsOf = (operation: string) =>
    selected(outcomes, (row) => groups[outcomes.group[row]!]!.operation === operation);
  const named = (operation: string) =>
    groups.flatMap(({ operation: own, attachment }, at) =>
      own === operation ? [{ attachment, rows: ofGroup(outcomes, at) }] : [],
    );
  const puts = rowsOf("put");
  const answered = selected(outcomes, (row) =>
    ["put", "range-linearizable"].includes(groups[outcomes.group[row]!]!.operation),
  );
  // A client on the faulted member alone has no part in what the cluster commits.
  const putsElsewhere = selected(outcomes, (row) => {
    const { operation, attachment } = groups[outcomes.group[row]!]!;
    return operation === "put" && attachment !== fault?.member;
  });
  const faultMs = fault?.startMs ?? null;
  const figures = groups.flatMap((group, at): AvailabilityGroup[] => {
    if (group.operation === STATUS) return [];
    const rows = ofGroup(outcomes, at);
    const own = group.operation === "watch" ? deliveries(rows, puts) : rows;
    return [groupOf(group, serviceFigures(own, slowMs, faultMs), fault)];
  });
  const reads = ["range-linearizable", "range-serializable"].flatMap((operation) =>
    named(operation).map(({ attachment, rows }) => {
      return { operation, attachment, ...readFigures(rows, answered) };
    }),
  );
  const hasLocks = groups.some(({ operation }) => operation === "lock");
  return {
    ...{ slowMs, spacingMs, fault, groups: figures, reads },
    leadership: fault === null ? null : leadershipOf(fault, named(STATUS), putsElsewhere, slowMs),
    writes: puts.dueMs.length === 0 ? null : writeFigures(puts, members),
    watches: named("watch").map(({ attachment, rows }) => {
      return { attachment, ...watchFigures(rows, puts) };
    }),
    leases: named("lease-keepalive").map(({ attachment, rows }) => {
      return { attachment, ...leaseFigures(rows, ttlSeconds) };
    }),
    locks: hasLocks ? lockFigures(rowsOf("lock")) : null,
  };
}

function groupOf(
  { operation, attachment }: Group,
  figures: ServiceFigures,
  fault: Fault | null,
): AvailabilityGroup {
  const isFaulted = fault?.member == null ? null : fault.member === attachment;
  return { operation, attachment, isFaulted, ...figures };
}

function leadershipOf(
  { member, startMs }: Fault,
  looks: readonly { attachment: string; rows: Outcomes }[],
  puts: Outcomes,
  slowMs: number,
): Leadership & { firstCommitMs: number | null } {
  const found = leadership(
    looks.map(({ attachment, rows }) => ({ member: attachment, looks: rows })),
    startMs,
    member,
  );
  // Of all clients together, so that the longest window is that in which nothing was committed.
  const outages = unavailabilityWindows(puts, slowMs).filter(({ endMs }) => endMs > startMs);
  const [longest] = outages.toSorted((a, b) => lengthMs(b) - lengthMs(a));
  const isOver = longest !== undefined && !longest.isOpen;
  return { ...found, firstCommitMs: isOver ? longest.endMs - startMs : null };
}
