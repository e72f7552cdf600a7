/**
 * Owns what a flag is to the rest of cli/: how argv is read and what help prints follow from lists
 * of these. A name means the same wherever it stands, but for --prefix, which is upstream's: a value
 * for writes, a switch for reads.
 */
import { DEFAULTS } from "../../plan/defaults.ts";

export type FlagGroup = "Pairs:" | "Target:" | "Load:" | "Workload:" | "Output:";

export interface FlagSpec {
  /** Without the dashes. */
  name: string;
  /** One letter. */
  short?: string;
  /** `value` takes `=VALUE` or the next argument; `optional` a value by `=` alone; `switch` none
   * (or `=false`). */
  kind: "value" | "optional" | "switch";
  /** What an `optional` flag without a value stands for. */
  bareValue?: string;
  /** All of them count; for every other flag the last one does, as with Go's flags. */
  repeatable?: boolean;
  /** Its value is a comma list, to which each further one adds, as with the slices of Go's flags. */
  isList?: boolean;
  /** Its value is made of flags, so that one may begin with dashes. */
  holdsFlags?: boolean;
  group: FlagGroup;
  describe: string;
  /** As help shows it. */
  default?: string;
  /** A key, a name or a file: its value is taken as it is written, also where it looks like a number. */
  isText?: boolean;
}

/** The name of a flag with the default that plans are made from. */
export const def = (name: keyof typeof DEFAULTS): { name: string; default: string } => ({
  name,
  default: DEFAULTS[name] === "" ? "none" : DEFAULTS[name],
});

export const target = { kind: "value", group: "Target:" } as const;
export const load = { kind: "value", group: "Load:" } as const;
export const workload = { kind: "value", group: "Workload:" } as const;
export const output = { kind: "value", group: "Output:" } as const;
