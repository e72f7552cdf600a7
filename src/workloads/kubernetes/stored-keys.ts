/**
 * Finds the keys of a registry that a kubernetes run has written: those whose value has the header of
 * one of its workers, and the two of the run itself. Keys of other writers are left alone.
 */

import type { KeySearch } from "../preparation.ts";
import { COMPACT_REVISION_KEY } from "./compaction.ts";
import { MARKER_KEY } from "./marker-key.ts";
import { folderRange, registryFolder } from "./registry-keys.ts";
import type { KubernetesSpec } from "./spec.ts";
import { readValueHeader } from "./value-header.ts";

/** Of one page; the values come with the keys. */
const PAGE_BYTES = 2_000_000;
/** No object but a pod is larger. */
const LARGEST_OTHER_BYTES = 8_000;

export async function* registryKeys(
  { plan, workers, token }: KubernetesSpec,
  { sinceRevision, read, leases }: KeySearch,
): AsyncGenerator<Buffer> {
  const folder = registryFolder(plan.prefix);
  const ofTheRun = new Set([MARKER_KEY, COMPACT_REVISION_KEY].map((name) => folder + name));
  const limit = Math.ceil(PAGE_BYTES / Math.max(LARGEST_OTHER_BYTES, 2 * plan.podSizeBytes));
  const { key, rangeEnd } = folderRange(folder);
  let from: Buffer = key;
  while (true) {
    const { kvs, more } = await read({ key: from, rangeEnd, limit });
    for (const kv of kvs) {
      if (kv.modRevision <= sinceRevision) continue;
      const isObject = readValueHeader(kv.value, 0, kv.value.length, token, workers);
      if (!isObject && !ofTheRun.has(kv.key.toString("utf8"))) continue;
      if (kv.lease !== "0") leases.add(kv.lease);
      yield kv.key;
    }
    const last = kvs.at(-1);
    if (!more || last === undefined) return;
    from = Buffer.concat([last.key, Buffer.from([0])]);
  }
}
