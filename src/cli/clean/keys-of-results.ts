/** Gathers the keys that saved runs may have left in one cluster. */
import type { KeySpace } from "../../plan/key-space.ts";
import type { RunResult } from "../../result/schema.ts";
import { keysOfSpace, type LeftKeys, leftKeys, wroteNothing } from "../../run/left-keys.ts";
import { formatNoun } from "../../text/noun.ts";

export interface KeysToDelete {
  keys: LeftKeys;
  /** A key that was last modified up to it is of no run; 0: nothing is known of that. */
  sinceRevision: number;
  /** Of the runs that may have left them. */
  workloads: Set<string>;
  runs: number;
}

export interface KeysOfResults {
  found: KeysToDelete[];
  /** What is left alone, and why; a sentence each. */
  notes: string[];
}

/** @param clusterId of the cluster that is looked at */
export async function keysOfResults(
  results: readonly RunResult[],
  clusterId: string | null,
): Promise<KeysOfResults> {
  const byPlace = new Map<string, KeysToDelete>();
  const left = new Map<string, number>();
  const leave = (why: string) => left.set(why, (left.get(why) ?? 0) + 1);
  for (const result of results) {
    const { plan, target, operations, origin } = result;
    if (origin === "published") continue;
    if (plan.target.local !== null) leave("had a temporary cluster, which is gone with its keys");
    else if (target.clusterId === null || target.clusterId !== clusterId) {
      leave("measured another cluster, or one that is not known");
    } else if (wroteNothing([result])) leave("ended before it put a key");
    else {
      const started = operations.reduce((sum, { requests }) => sum + requests.started, 0);
      const keys = await leftKeys(plan, started);
      if (keys === null) leave("left no keys that can be told from those of others");
      else add(byPlace, keys, target.revision ?? 0, plan.workload.kind);
    }
  }
  const notes = [...left].map(([why, runs]) => `${formatNoun(runs, "saved run")} ${why}.`);
  return { found: [...byPlace.values()], notes };
}

/** Key spaces that differ in nothing but their size are within the largest. */
function add(
  byPlace: Map<string, KeysToDelete>,
  keys: LeftKeys,
  revision: number,
  workload: string,
): void {
  const place = placeOf(keys);
  const known = byPlace.get(place);
  if (known === undefined) {
    byPlace.set(place, {
      keys,
      sinceRevision: revision,
      workloads: new Set([workload]),
      runs: 1,
    });
    return;
  }
  known.keys = larger(known.keys, keys);
  known.sinceRevision = Math.min(known.sinceRevision, revision);
  known.workloads.add(workload);
  known.runs++;
}

function placeOf({ keySpace, range }: LeftKeys): string {
  if (keySpace === null) return JSON.stringify(range);
  const { prefix, keySizeBytes, encoding } = keySpace;
  return JSON.stringify({ prefix, keySizeBytes, encoding });
}

function larger(one: LeftKeys, other: LeftKeys): LeftKeys {
  const sizeOf = (keySpace: KeySpace | null) => keySpace?.keySpaceSize ?? 0;
  return sizeOf(other.keySpace) > sizeOf(one.keySpace) && other.keySpace !== null
    ? keysOfSpace(other.keySpace)
    : one;
}
