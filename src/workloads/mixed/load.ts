/** Makes the mixed workload of the requests of its operations. */

import type { Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { Operations } from "../../load/workload.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { SeedStream } from "../../random.ts";
import { Delete } from "../delete/load.ts";
import { LeaseGrant, leaseGrantSeries } from "../lease-grant/load.ts";
import type { MixKind } from "../parts/calls/mix.ts";
import { mixOf } from "../parts/calls/mix.ts";
import { type RequestSource, SingleCalls } from "../parts/calls/single-calls.ts";
import { RangeKey } from "../parts/keys/range-key.ts";
import { leasedKeys, replayedKeys } from "../parts/keys/written-keys.ts";
import { Put } from "../put/load.ts";
import { TxnPut } from "../txn-put/load.ts";
import { Insert } from "./insert.ts";
import { Inserts } from "./inserts.ts";
import type { MixedOperation } from "./operations.ts";
import { ReadModifyWrite, RMW_SERIES } from "./read-modify-write.ts";
import { Scan } from "./scan.ts";
import type { MixedWorkload } from "./schema.ts";

/** Apart from those of the ranges in the same mix. */
const RMW_KEYS = new SeedStream("rmw.keys");

/** Of all together, and then of each operation, in the plan's order, followed by its parts. */
export function mixedSeries(plan: MixedWorkload): string[] {
  const own = plan.mix.flatMap(({ operation }) => [operation, ...partsOf(operation, plan)]);
  return ["mixed", ...own.map((name) => `mixed-${name}`)];
}

function partsOf(operation: MixedOperation, { leaseGrant }: MixedWorkload): readonly string[] {
  switch (operation) {
    case "rmw":
      return RMW_SERIES.slice(1);
    case "lease-grant":
      return leaseGrantSeries(leaseGrant!).slice(1);
    default:
      return [];
  }
}

export function mixedKinds(
  plan: MixedWorkload,
  seed: number,
  share: WorkerShare,
  transport: Transport,
): MixKind[] {
  const { keys, valSizeBytes, valueSize, consistency, txnOps, scanLength } = plan;
  const values = { valSizeBytes, valueSize };
  const clients = share.clientConnections.length;
  // What is inserted, reads may choose: writes keep to the key space, so that they are known again.
  const inserts = new Inserts(keys.keySpaceSize, share);
  const oneKey = { end: null, consistency };
  const makePut = () => new Put({ kind: "put", keys, ...values }, seed, share, transport);
  const calls = (source: RequestSource) => (operations: Operations) =>
    new SingleCalls(source, clients, operations, transport);
  const makeOf = (operation: MixedOperation): MixKind["make"] => {
    switch (operation) {
      case "put":
        return calls(makePut());
      case "insert":
        return calls(new Insert({ keys, ...values }, inserts, seed, share, transport));
      case "range": {
        const options = { inserted: inserts };
        return calls(new RangeKey(keys, oneKey, seed, share, transport, options));
      }
      case "scan": {
        const scan = { keys, consistency, scanLength };
        return calls(new Scan(scan, seed, share, transport, inserts));
      }
      case "delete":
        return calls(new Delete(keys, seed, share, transport));
      case "txn-put":
        return calls(new TxnPut({ keys, ...values, txnOps }, seed, share, transport));
      case "rmw": {
        const options = { stream: RMW_KEYS };
        const reads = new RangeKey(keys, oneKey, seed, share, transport, options);
        return (operations) =>
          new ReadModifyWrite(reads, makePut(), clients, operations, transport);
      }
      case "lease-grant":
        return (operations) => new LeaseGrant(plan.leaseGrant!, seed, share, operations, transport);
    }
  };
  return plan.mix.map(({ operation, weight }) => ({
    weight,
    parts: partsOf(operation, plan).length,
    make: makeOf(operation),
  }));
}

export interface MixedSpec extends OperationSpec {
  kind: "mixed";
  mixed: MixedWorkload;
}

export const mixedLoad: Load<MixedSpec> = {
  kind: "mixed",
  make: ({ mixed }, context) =>
    mixOf(mixedKinds(mixed, context.seed, context.share, context.transport), context),
  *writtenKeys(spec, share, seed, begun) {
    const { leaseGrant } = spec.mixed;
    // Inserts go on where the phase before ended.
    yield* replayedKeys(mixedLoad, spec, share, seed, begun);
    const hasBegun = begun.some((count) => count > 0);
    if (leaseGrant !== null && hasBegun) yield* leasedKeys(leaseGrant, share.clientNumbers);
  },
};
