/** Compares the keys and revisions of `bench memory` with etcd's backend quota, which would leave it with an alarm. */
import { usageError } from "../../errors.ts";
import type { BackendRoom } from "../../etcd/backend-room.ts";
import type { ThingName } from "../../memory/things.ts";
import { quotaExcess } from "../../run/prepare/quota.ts";

export interface MemoryWrites {
  totals: ReadonlyMap<ThingName, number>;
  steps: number;
  keySizeBytes: number;
  valSizeBytes: number;
}

/** @throws BenchError (usage) with the arithmetic where the puts would pass the quota */
export function checkMemoryRoom(writes: MemoryWrites, rooms: readonly BackendRoom[]): void {
  const { totals, steps, keySizeBytes, valSizeBytes } = writes;
  const written = (["key", "revision"] as const).filter((name) => totals.has(name));
  // The first step is one more, which is not counted.
  const puts = written.reduce(
    (sum, name) => sum + Math.ceil((totals.get(name)! * (steps + 1)) / steps),
    0,
  );
  const sizes = { keySizeBytes, valSizeBytes, valueSize: null };
  const excess = puts === 0 ? null : quotaExcess({ ...sizes, puts, deletes: 0 }, rooms);
  if (excess === null) return;
  throw usageError(
    `--of: ${excess}; add fewer keys and revisions, lower --val-size, or start etcd with a larger --quota-backend-bytes`,
  );
}
