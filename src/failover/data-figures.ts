/** Adds up what happened to the data in several runs. What nothing was read or answered for is null. */
import type { Availability } from "../result/availability-schema.ts";
import type { HashKv } from "../result/schema.ts";
import type { DataFigures } from "./report-schema.ts";

export function dataFigures(
  results: readonly { availability: Availability | null; hashKv: HashKv | null }[],
): DataFigures {
  const found = results.flatMap(({ availability }) =>
    availability === null ? [] : [availability],
  );
  const writes = found.flatMap((each) => (each.writes === null ? [] : [each.writes]));
  const told = writes.filter(({ lost }) => lost !== null);
  const isAllTold = writes.length > 0 && told.length === writes.length;
  const ofWrites = (name: "inDoubtApplied" | "inDoubtNotApplied") =>
    isAllTold ? sum(told, name) : null;
  // What one run has found is certain, whatever is not known of the others.
  const broken = (name: "lost" | "appliedTwice" | "corrupt" | "inDoubtDiverged") =>
    certain(sum(told, name), isAllTold);
  const answered = (operation: string) =>
    found.flatMap((each) =>
      each.reads.filter((read) => read.operation === operation && read.answered > 0),
    );
  const [linearizable, serializable] = [
    answered("range-linearizable"),
    answered("range-serializable"),
  ];
  const watches = found.flatMap((each) => each.watches);
  const isWatched = watches.some(({ events }) => events > 0);
  const leases = found.flatMap((each) => each.leases);
  const areRenewed = found.some(hasAnsweredKeepAlive);
  const locks = found.flatMap((each) => (each.locks === null ? [] : [each.locks]));
  const areHeld = locks.some(({ acquired }) => acquired > 0);
  const hashes = results.flatMap(({ hashKv }) => hashKv ?? []);
  const compared = hashes.filter(({ isEqual }) => isEqual !== null);
  return {
    runs: found.length,
    acknowledged: sum(writes, "acknowledged"),
    lost: broken("lost"),
    inDoubt: sum(writes, "inDoubt"),
    inDoubtApplied: ofWrites("inDoubtApplied"),
    inDoubtNotApplied: ofWrites("inDoubtNotApplied"),
    inDoubtDiverged: broken("inDoubtDiverged"),
    appliedTwice: broken("appliedTwice"),
    corrupt: broken("corrupt"),
    hashesDiffer: certain(
      compared.filter(({ isEqual }) => isEqual === false).length,
      hashes.length > 0 && compared.length === hashes.length,
    ),
    linearizableReads: sum(linearizable, "answered"),
    wentBack: linearizable.length === 0 ? null : sum(linearizable, "stale"),
    notFound: linearizable.length === 0 ? null : sum(linearizable, "notFound"),
    serializableReads: sum(serializable, "answered"),
    stale: serializable.length === 0 ? null : sum(serializable, "stale"),
    longestStaleMs:
      serializable.length === 0
        ? null
        : Math.max(...serializable.map(({ longestStaleMs }) => longestStaleMs)),
    eventsTwice: isWatched ? sum(watches, "duplicates") : null,
    eventsOutOfOrder: isWatched ? sum(watches, "outOfOrder") : null,
    eventsLost: isWatched ? sum(watches, "lost") : null,
    eventsNotDelivered: certain(sum(watches, "notDelivered"), isWatched),
    leasesExpired: certain(sum(leases, "expired"), areRenewed),
    leasesExpiredEarly: certain(
      sum(leases, "expiredEarly") + sum(locks, "expiredEarly"),
      areRenewed || areHeld,
    ),
    twoOwners: areHeld ? sum(locks, "twoOwners") : null,
  };
}

/** Of `groups`, since the figures of leases do not count the answers. */
function hasAnsweredKeepAlive({ groups }: Availability): boolean {
  return groups.some(
    ({ operation, good, slow }) => operation === "lease-keepalive" && good + slow > 0,
  );
}

/** No finding is one only where everything was looked at. */
function certain(count: number, isAllKnown: boolean): number | null {
  return count > 0 || isAllKnown ? count : null;
}

function sum<Name extends string>(
  rows: readonly Record<Name, number | null>[],
  name: Name,
): number {
  return rows.reduce((total, row) => total + (row[name] ?? 0), 0);
}
