/** Lists the loads whose cost is measured on the fake etcd, which the definitions of workloads name. */
import { usageError } from "../errors.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "../fake-etcd/kv/service.ts";
import type { CalibratedLoad, Calibration } from "../workloads/calibrated-load.ts";
import { WORKLOAD_COMMANDS } from "../workloads/catalogue.ts";

export type CalibratedTransport = Calibration["transport"] | "gateway";

export interface CalibratedWorkload extends CalibratedLoad {
  readonly name: string;
  readonly command: string;
}

/** Of the keys and values that the fake etcd answers. */
export const SIZES = { "key-size": String(KEY_SIZE_BYTES), "val-size": String(VAL_SIZE_BYTES) };

export const CALIBRATED_WORKLOADS: readonly CalibratedWorkload[] = WORKLOAD_COMMANDS.flatMap(
  ({ name, calibrated }) => calibrated.map((load) => ({ name, command: name, ...load })),
);

/** Those that other clients are compared on. */
export const DEFAULT_WORKLOADS: readonly CalibratedWorkload[] = CALIBRATED_WORKLOADS.filter(
  ({ repeats }) => repeats !== undefined,
);

export const PUT_WORKLOAD = repeating("put");
/** Also what clients that are not ours ask for. */
export const RANGE_KEY = repeating("range").key!;

function repeating(request: CalibratedLoad["repeats"]): CalibratedWorkload {
  return CALIBRATED_WORKLOADS.find(({ repeats }) => repeats === request)!;
}

/** As the table calls what is counted. */
export function operationOf({ name, counted }: CalibratedWorkload): string {
  return counted?.word === undefined ? name : `${name}-${counted.word}`;
}

/** `all` or names. @throws BenchError (usage) that names one that is unknown. */
export function parseWorkloads(text: string): readonly CalibratedWorkload[] {
  if (text === "all") return CALIBRATED_WORKLOADS;
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  return names.map((name) => {
    const found = CALIBRATED_WORKLOADS.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw usageError(
      `--workloads: ${JSON.stringify(name)} is neither all nor one of ` +
        CALIBRATED_WORKLOADS.map((each) => each.name).join(", "),
    );
  });
}
