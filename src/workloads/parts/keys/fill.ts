/** The operation that puts each key of a space once, before the clock starts. */
import { operation } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import type { KeySpace } from "../../../plan/key-space.ts";
import type { Values } from "../../../plan/value-size.ts";
import type { PutSpec } from "../../put/load.ts";

/** @param when after a warm-up that might have deleted keys, or before it */
export function fill(
  { keys, valSizeBytes, valueSize }: { keys: KeySpace } & Values,
  when: "before-warmup" | "after-warmup",
): OperationSpec {
  const inOrder = { ...keys, sequential: true };
  return operation<PutSpec>({
    series: ["fill"],
    kind: "put",
    put: { kind: "put", keys: inOrder, valSizeBytes, valueSize },
    setUpRequests: keys.keySpaceSize,
    isOutsideClock: true,
    isBeforeWarmup: when === "before-warmup",
  });
}
