/** Which keys a run may have left in etcd, by its plan: a range of keys, and which of it are the run's. */
import { type KeyRange, keyRangeOf } from "../plan/key-range.ts";
import type { KeySpace } from "../plan/key-space.ts";
import { ownKeySpace } from "../plan/own-key-space.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { isKeyOf, keySpaceRange } from "../workloads/parts/keys/key-writer.ts";

export interface LeftKeys {
  range: KeyRange;
  /** Where they are: `under the prefix "bench-stm/"`. */
  words: string;
  /** Whether a key of the range may be the run's. */
  has(key: Buffer): boolean;
  /** Null: they are no key space. */
  keySpace: KeySpace | null;
  /** What all keys of the range and no other begin with; null: nothing. */
  prefix: string | null;
}

/**
 * Null where the run leaves none, or where nothing tells its keys from those of others.
 * @param started requests, each of which may have made a key beyond the key space
 */
export async function leftKeys(
  { workload }: Pick<RunPlan, "workload">,
  started: number,
): Promise<LeftKeys | null> {
  const preparation = await workloadNamed(workload.kind).preparation();
  const keys = ownKeySpace(workload);
  if (keys !== null) {
    const more = preparation.exceedsKeySpace?.(workload) === true ? started : 0;
    return keysOfSpace({ ...keys, keySpaceSize: keys.keySpaceSize + more });
  }
  if (preparation.leaves !== undefined) return keysOfRange(preparation.leaves(workload));
  if (!("prefix" in workload) || typeof workload.prefix !== "string") return null;
  return workload.prefix === "" ? null : keysBelow(workload.prefix);
}

/** Whether results prove that their runs have put no key. */
export function wroteNothing(results: readonly RunResult[]): boolean {
  return results.length > 0 && results.every(putNothing);
}

function putNothing({ plan, operations, hasPutKeys }: RunResult): boolean {
  if (hasPutKeys !== null) return !hasPutKeys;
  // It ended before the first request, and nothing is put before that.
  const { workload, limits, pacing, load } = plan;
  // Those of a warm-up are not counted, nor those of an agent that was lost.
  if (limits.warmupMs !== null || limits.warmupRequests !== null) return false;
  if (load.agents !== undefined) return false;
  if (operations.some(({ requests }) => requests.started > 0)) return false;
  const before = workloadNamed(workload.kind).plannedWrites(workload, 0, pacing.ratePerSec);
  return before !== null && before.puts === 0;
}

export function keysOfSpace(keySpace: KeySpace): LeftKeys {
  const range = keySpaceRange(keySpace);
  return { range, words: keySpaceWords(keySpace), has: isKeyOf(keySpace), keySpace, prefix: null };
}

/** All keys that begin with it. */
export function keysBelow(prefix: string): LeftKeys {
  const range = keyRangeOf({ key: prefix, end: null, prefix: true });
  return { range, words: prefixWords(prefix), has: () => true, keySpace: null, prefix };
}

function keysOfRange(range: KeyRange | null): LeftKeys | null {
  if (range === null) return null;
  const { key, end } = range;
  const text = key.toString();
  if (end !== null) return keysBelow(text);
  const words = `the key ${JSON.stringify(text)}`;
  return { range, words, has: () => true, keySpace: null, prefix: null };
}

export function keySpaceWords(keys: KeySpace): string {
  const { key, end } = keySpaceRange(keys);
  const { encoding, keySizeBytes, keySpaceSize } = keys;
  const prefix = keys.prefix === "" ? "" : ` with the prefix ${JSON.stringify(keys.prefix)}`;
  // Varints do not sort, so that they have no first and last key.
  if (encoding === "varint") {
    return `keys of ${keySizeBytes} bytes, the varints below ${keySpaceSize}${prefix}`;
  }
  return `within ${hexOf(key)} to ${hexOf(end!)}${prefix}`;
}

export function prefixWords(prefix: string): string {
  return `under the prefix ${JSON.stringify(prefix)}`;
}

/** Numbers in long keys are mostly zeros, of which a reader wants the count. */
function hexOf(key: Buffer): string {
  const parts = key.toString("latin1").split(/(\0{17,})/);
  const words = parts.map((part, at) =>
    at % 2 === 1 ? `[${part.length} x 00]` : Buffer.from(part, "latin1").toString("hex"),
  );
  return `0x${words.join("")}`;
}
