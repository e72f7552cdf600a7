/** Owns `--key-size`. */
import { type PlanFlags, textOf } from "./plan-flags.ts";
import { parseSizeBytes } from "./units.ts";

/** A key beyond this is a slip of the keyboard: etcd's whole request may have 1.5 MiB. */
const MAX_KEY_BYTES = 2 ** 20;

export function keySizeOf(flags: PlanFlags): number {
  return parseSizeBytes("--key-size", textOf(flags, "key-size"), {
    min: 1,
    max: MAX_KEY_BYTES,
    example: "8",
  });
}
