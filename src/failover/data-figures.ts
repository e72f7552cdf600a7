/** Adds up what happened to the data in several runs. */
import type { Availability } from "../result/availability-schema.ts";
import type { RunResult } from "../result/schema.ts";
import type { DataFigures } from "./report-schema.ts";

export function dataFigures(results: readonly RunResult[]): DataFigures {
  const found = results.flatMap(({ availability }) =>
    availability === null ? [] : [availability],
  );
  const writes = found.flatMap((each) => (each.writes === null ? [] : [each.writes]));
  const reads = (operation: string) =>
    found.flatMap((each) => each.reads.filter((read) => read.operation === operation));
  const [linearizable, serializable] = [reads("range-linearizable"), reads("range-serializable")];
  const watches = found.flatMap((each) => each.watches);
  const leases = found.flatMap((each) => each.leases);
  const locks = found.flatMap((each) => (each.locks === null ? [] : [each.locks]));
  const compared = results.flatMap(({ hashKv }) => (hashKv?.isEqual == null ? [] : [hashKv]));
  return {
    acknowledged: sum(writes, "acknowledged"),
    lost: knownSum(writes, "lost"),
    inDoubt: sum(writes, "inDoubt"),
    inDoubtApplied: sum(writes, "inDoubtApplied"),
    inDoubtNotApplied: sum(writes, "inDoubtNotApplied"),
    inDoubtDiverged: sum(writes, "inDoubtDiverged"),
    appliedTwice: knownSum(writes, "appliedTwice"),
    corrupt: knownSum(writes, "corrupt"),
    hashesDiffer:
      compared.length === 0 ? null : compared.filter(({ isEqual }) => isEqual === false).length,
    linearizableReads: sum(linearizable, "answered"),
    wentBack: sum(linearizable, "stale"),
    notFound: sum(linearizable, "notFound"),
    serializableReads: sum(serializable, "answered"),
    stale: sum(serializable, "stale"),
    longestStaleMs: Math.max(0, ...serializable.map(({ longestStaleMs }) => longestStaleMs)),
    eventsTwice: sum(watches, "duplicates"),
    eventsOutOfOrder: sum(watches, "outOfOrder"),
    eventsLost: sum(watches, "lost"),
    eventsNotDelivered: sum(watches, "notDelivered"),
    leasesExpired: sum(leases, "expired"),
    leasesExpiredEarly: sum(leases, "expiredEarly") + sum(locks, "expiredEarly"),
    twoOwners: sum(locks, "twoOwners"),
  };
}

function sum<Name extends string>(rows: readonly Record<Name, number>[], name: Name): number {
  return rows.reduce((total, row) => total + row[name], 0);
}

/** Null where it is not known of one of them. */
function knownSum(
  rows: readonly NonNullable<Availability["writes"]>[],
  name: "lost" | "appliedTwice" | "corrupt",
): number | null {
  if (rows.length === 0 || rows.some((row) => row[name] === null)) return null;
  return rows.reduce((total, row) => total + row[name]!, 0);
}
