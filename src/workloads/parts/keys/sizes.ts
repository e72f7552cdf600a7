/** The sizes of the keys and values that a workload of a key space writes. */
import type { KeySpace } from "../../../plan/key-space.ts";
import type { Values } from "../../../plan/value-size.ts";

export function sizesOf({ keys, valSizeBytes, valueSize }: { keys: KeySpace } & Values) {
  return { keySizeBytes: keys.keySizeBytes, valSizeBytes, valueSize };
}
