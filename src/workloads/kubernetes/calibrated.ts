/** The loads of kubernetes whose cost `bench calibrate` measures. */
import type { GivenFlags } from "../../flags/flag.ts";
import type { CalibratedLoad, Calibration } from "../calibrated-load.ts";
import { amountOf, CLOSED_LOOP } from "../parts/calibration.ts";

/** Few enough clients at each node that none of its requests meets another's by chance. */
const CLIENTS_PER_NODE = 4;
const LEAST_NODES = 50;
const PER_SEC = { wire: 10_000, "grpc-js": 3_000 } as const;
const SMALL_PER_SEC = { wire: 20_000, "grpc-js": 4_000 } as const;

const SHARED = { counted: { series: "kubernetes" }, keeps: true, isBounded: true } as const;

export const CALIBRATED: readonly CalibratedLoad[] = [
  // With pods of the command's own size: most of it is moving their octets.
  { flags: (calibration) => flagsOf(calibration, PER_SEC), ...SHARED },
  {
    name: "kubernetes-small",
    flags: (calibration) => ({
      ...flagsOf(calibration, SMALL_PER_SEC),
      "pod-size": calibration.sizes["val-size"],
    }),
    ...SHARED,
  },
];

function flagsOf(
  calibration: Calibration,
  perSec: Readonly<Record<Calibration["transport"], number>>,
): GivenFlags {
  const nodes = Math.max(LEAST_NODES, Math.ceil(calibration.clients / CLIENTS_PER_NODE));
  const total = String(amountOf(perSec, calibration));
  return { ...CLOSED_LOOP, nodes: String(nodes), total };
}
