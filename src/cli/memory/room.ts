/** Compares what `bench memory` adds with etcd's backend quota and its limit of open files. */
import { usageError } from "../../errors.ts";
import type { BackendRoom } from "../../etcd/backend-room.ts";
import { checkConnectionRoom, type PlannedConnections } from "../../etcd/connection-room.ts";
import type { SampledMember } from "../../etcd/metrics-sampler.ts";
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
  const { totals, keySizeBytes, valSizeBytes } = writes;
  const written = (["key", "revision"] as const).filter((name) => totals.has(name));
  const puts = written.reduce((sum, name) => sum + addedOf(name, writes), 0);
  const sizes = { keySizeBytes, valSizeBytes, valueSize: null };
  const excess = puts === 0 ? null : quotaExcess({ ...sizes, puts, deletes: 0 }, rooms);
  if (excess === null) return;
  throw usageError(
    `--of: ${excess}; add fewer keys and revisions, lower --val-size, or start etcd with a larger --quota-backend-bytes`,
  );
}

/** The first step is one more, which is not counted. */
function addedOf(
  name: ThingName,
  { totals, steps }: Pick<MemoryWrites, "totals" | "steps">,
): number {
  return Math.ceil(((totals.get(name) ?? 0) * (steps + 1)) / steps);
}

export function connectionsFlag(connections: number): string {
  return `--of=connections:${connections}`;
}

/** @throws BenchError (usage) as `checkConnectionRoom` */
export async function checkMemoryConnections(
  things: Pick<MemoryWrites, "totals" | "steps">,
  [member]: readonly SampledMember[],
  asked: Pick<PlannedConnections, "metricsEndpoints" | "access">,
): Promise<void> {
  if (member === undefined || member.id === null) return;
  const ofMember = new Map([[member.id, addedOf("connection", things)]]);
  const flag = connectionsFlag(things.totals.get("connection") ?? 0);
  await checkConnectionRoom({ ofMember, members: [member], flag, ...asked });
}
