/** Prepares `bench mixed`: the keys of its space are put first, and a lease shows how long etcd lets leases live. */
import { operation } from "../../load/load.ts";
import { longerLeaseNotes } from "../../result/target-notes.ts";
import { fill } from "../parts/keys/fill.ts";
import { writtenAndRead } from "../parts/keys/keys-to-check.ts";
import { grantedTtlByTrial } from "../parts/leases/longer-lease.ts";
import type { Preparation } from "../preparation.ts";
import { type MixedSpec, mixedSeries } from "./load.ts";
import type { MixedOperation } from "./operations.ts";
import type { MixedWorkload } from "./schema.ts";

const READS: readonly MixedOperation[] = ["range", "scan", "rmw"];

export const preparation: Preparation<MixedWorkload> = {
  series: mixedSeries,
  async prepare(workload, { target, access, note }) {
    const { leaseGrant } = workload;
    if (leaseGrant !== null) {
      const { ttlSeconds } = leaseGrant;
      const grantedSeconds = await grantedTtlByTrial(ttlSeconds, target.endpoints, access);
      longerLeaseNotes(ttlSeconds, grantedSeconds).forEach(note);
    }
    const deletes = workload.mix.some(({ operation: name }) => name === "delete");
    return {
      operations: [
        fill(workload, deletes ? "after-warmup" : "before-warmup"),
        operation<MixedSpec>({ series: mixedSeries(workload), kind: "mixed", mixed: workload }),
      ],
    };
  },
  keysToCheck: writtenAndRead,
  proxyAnswers({ consistency, mix }) {
    const hasReads = mix.some(({ operation: name }) => READS.includes(name));
    return hasReads && consistency === "serializable" ? ["serializable-reads"] : [];
  },
  putsLeasedKeys: ({ leaseGrant }) => leaseGrant !== null,
  exceedsKeySpace: ({ leaseGrant, mix }) =>
    leaseGrant !== null || mix.some(({ operation: name }) => name === "insert"),
};
