/** What calibrated loads of several workloads have in common. */
import type { GivenFlags } from "../../flags/flag.ts";
import type { Calibration } from "../calibrated-load.ts";

/** The keys are put before the clock starts, over the slower client too. */
export function filled({ sizes }: Calibration): GivenFlags {
  return { ...sizes, "key-space-size": "1000" };
}

/** As fast as answers come, where the command's own default is a rate. */
export const CLOSED_LOOP: GivenFlags = { rate: "0" };

/**
 * For loads of many parts, which have to be many on a busy machine too: about what an idle one does
 * in a second, of the slower transport the same but less.
 */
export function amountOf(
  perSec: Readonly<Record<Calibration["transport"], number>>,
  { transport, durationMs }: Calibration,
): number {
  return Math.ceil((perSec[transport] * (durationMs ?? 1_000)) / 1_000);
}
