/**
 * Owns which keys of a registry a kubernetes run has written: those whose value bears the mark of one
 * of its workers, and the two that stand there for the run itself. What others have put among them
 * meanwhile is passed over.
 */

import type { KeyValue, RangeOptions } from "../etcd/control-messages.ts";
import { COMPACT_REVISION_KEY } from "../load/workload/kubernetes/compaction.ts";
import { folderRange, registryFolder } from "../load/workload/kubernetes/registry-keys.ts";
import type { KubernetesSpec } from "../load/workload/kubernetes/spec.ts";
import { readValueMark } from "../load/workload/kubernetes/value-mark.ts";
import { OWN_MARK } from "./prepare/kubernetes.ts";

/** Of one page; the values come with the keys. */
const PAGE_BYTES = 2_000_000;
/** No object but a pod is larger. */
const LARGEST_OTHER_BYTES = 8_000;

export type ReadRange = (request: RangeOptions) => Promise<{ kvs: KeyValue[]; more: boolean }>;

/** Of those modified since the revision; `leases` gets what their keys hang on. */
export async function* registryKeys(
  { plan, workers, token }: KubernetesSpec,
  sinceRevision: number,
  read: ReadRange,
  leases: Set<string>,
): AsyncGenerator<Buffer> {
  const folder = registryFolder(plan.prefix);
  const ofTheRun = new Set([OWN_MARK, COMPACT_REVISION_KEY].map((name) => folder + name));
  const limit = Math.ceil(PAGE_BYTES / Math.max(LARGEST_OTHER_BYTES, 2 * plan.podSizeBytes));
  const { key, rangeEnd } = folderRange(folder);
  let from: Buffer = key;
  while (true) {
    const { kvs, more } = await read({ key: from, rangeEnd, limit });
    for (const kv of kvs) {
      if (kv.modRevision <= sinceRevision) continue;
      const isObject = readValueMark(kv.value, 0, kv.value.length, token, workers);
      if (!isObject && !ofTheRun.has(kv.key.toString("utf8"))) continue;
      if (kv.lease !== "0") leases.add(kv.lease);
      yield kv.key;
    }
    const last = kvs.at(-1);
    if (!more || last === undefined) return;
    from = Buffer.concat([last.key, Buffer.from([0])]);
  }
}
