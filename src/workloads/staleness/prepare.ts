/** Prepares `bench staleness`: which members are read, and their names. */

import { usageError } from "../../errors.ts";
import { firstEndpoints } from "../../etcd/first-endpoints.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { formatNoun } from "../../text/noun.ts";
import { KeyWriter } from "../parts/keys/key-writer.ts";
import { writtenAndRead } from "../parts/keys/keys-to-check.ts";
import type { Preparation, PrepareContext } from "../preparation.ts";
import type { StalenessSpec } from "./load.ts";
import type { StalenessWorkload } from "./schema.ts";
import { stalenessSeries } from "./series.ts";

/** Reads that come due in a member's silence, until the deadline of the first; by chance a few more. */
const ROOM_FOR_CHANCE = 1.2;
const LEAST_READS_AT_ONCE = 50;
const MOST_READS_AT_ONCE = 20_000;

export const preparation: Preparation<StalenessWorkload> = {
  series: (_, { plan, target }) => seriesOf(plan, target),
  hasSeriesOfMembers: true,
  prepare: (workload, context) => ({ operations: [staleReads(workload, context)] }),
  plannedOperations: (workload, context) => [staleReads(workload, { ...context, note() {} })],
  keysToCheck: writtenAndRead,
};

function staleReads(
  workload: StalenessWorkload,
  { plan, target: { members, memberIdOf, grpcProxies = [] }, note }: Omit<PrepareContext, "access">,
): OperationSpec {
  if (grpcProxies.length > 0) {
    const fix =
      plan.target.local === null ? "name the members with --endpoints" : "leave --grpc-proxy out";
    throw usageError(
      "staleness cannot be measured through etcd's grpc-proxy, which answers serializable reads from its " +
        `cache: ${fix}`,
    );
  }
  const { keys, valSizeBytes, valueSize, readRatePerSec } = workload;
  const { timeoutMs } = plan.load;
  const readEndpoints = readEndpointsOf(plan, memberIdOf);
  const spreading = readEndpoints.filter((each) => memberIdOf?.has(each) === false);
  const unread = members.filter(({ endpoint }) => !readEndpoints.includes(endpoint));
  if (spreading.length > 0) {
    note(`Which members were read is not known: ${spreading.join(", ")} answers for several.`);
  } else if (unread.length > 0) {
    const names = unread.map(({ name, endpoint }) => name || endpoint).join(", ");
    note(`Not read, because --endpoints does not name them: ${names}.`);
  }
  const atDeadline = Math.ceil((readRatePerSec * timeoutMs * ROOM_FOR_CHANCE) / 1000);
  const readsAtOnce = Math.min(MOST_READS_AT_ONCE, LEAST_READS_AT_ONCE + atDeadline);
  const key = Buffer.alloc(keys.keySizeBytes);
  new KeyWriter(keys).write(0, key, 0);
  note(
    `In addition to the puts each of ${formatNoun(readEndpoints.length, spreading.length > 0 ? "endpoint" : "member")} was read serializably, over a connection ` +
      `of its own, at ${readRatePerSec} random times a second. A read is behind by the revisions that ` +
      "had been acknowledged to this client when it was sent and that its answer did not have, and by " +
      "the time from the first such acknowledgement to its sending.",
  );
  const series = seriesOf(plan, { members, memberIdOf });
  return operation<StalenessSpec>({
    series,
    atOwnPace: series.slice(1),
    kind: "staleness",
    staleness: {
      put: { kind: "put", keys, valSizeBytes, valueSize },
      key,
      readEndpoints: [...readEndpoints],
      readsPerSec: readRatePerSec,
      readsAtOnce,
      timeoutMs,
    },
  });
}

/** Of the puts, and of the reads of each member. */
function seriesOf(
  plan: RunPlan,
  { members, memberIdOf }: Pick<TargetInfo, "members" | "memberIdOf">,
): string[] {
  return stalenessSeries(stalenessLabels(readEndpointsOf(plan, memberIdOf), members));
}

/** Also where the puts go to the leader alone. */
function readEndpointsOf(plan: RunPlan, memberIdOf: TargetInfo["memberIdOf"]): string[] {
  return firstEndpoints(plan.target.endpoints, memberIdOf);
}

/** The members' names, where each has one of its own, else their endpoints. */
function stalenessLabels(
  endpoints: readonly string[],
  members: TargetInfo["members"],
): readonly string[] {
  const names = endpoints.map((endpoint) => {
    return members.find((member) => member.endpoint === endpoint)?.name ?? "";
  });
  const areDistinct = new Set(names).size === names.length;
  return areDistinct && !names.includes("") ? names : endpoints;
}
