/**
 * Measures a suite on a pinned reference too: each cell becomes two, one for each arm, on another
 * etcd, next to each other so that their runs take turns.
 */
import { flagError } from "../../errors.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import { ETCD } from "../../flags/target.ts";
import type { Overrides } from "../../suite/cells.ts";
import type { Order } from "../../suite/schema.ts";
import type { PlannedCell } from "./plans.ts";
import { REQUEST_FLAGS } from "./run-flags.ts";

interface Arm {
  name: "reference" | "head";
  etcdFlag: string;
  overrides: Overrides;
}

/** Null where the flags name no reference. @throws BenchError (usage) where they name no head */
function armsOf(flags: GivenFlags, overrides: Overrides): readonly [Arm, Arm] | null {
  const reference = REQUEST_FLAGS.referenceEtcd.read(flags);
  if (reference === null) return null;
  const head = ETCD.read(flags);
  if (head === null || flags.local === undefined) {
    throw flagError(
      "reference-etcd",
      "--reference-etcd is the one arm of each run; give the other, and clusters to start, e.g. --local --etcd=head/etcd",
    );
  }
  const arm = (name: Arm["name"], etcdFlag: string, etcd: string): Arm => ({
    name,
    etcdFlag,
    overrides: {
      ...overrides,
      flags: { ...overrides.flags, etcd },
    },
  });
  return [arm("reference", "--reference-etcd", reference), arm("head", "--etcd", head)];
}

/**
 * The cells of a suite, planned by `plan`; with a reference those of both arms.
 * @param order of the suite; runs of two arms are always interleaved
 */
export async function cellsOfArms(
  flags: GivenFlags,
  overrides: Overrides,
  order: Order,
  plan: (overrides: Overrides) => Promise<PlannedCell[]>,
): Promise<{ cells: PlannedCell[]; order: Order }> {
  const arms = armsOf(flags, overrides);
  if (arms === null) return { cells: await plan(overrides), order };
  const planArm = async ({ name, etcdFlag, overrides: ofArm }: Arm) =>
    (await plan(ofArm)).map(
      (cell): PlannedCell => ({ ...cell, name: `${cell.name}, ${name}`, arm: name, etcdFlag }),
    );
  const [reference, head] = [await planArm(arms[0]), await planArm(arms[1])];
  const inTurns = reference.flatMap((cell, at) => [cell, head[at]!]);
  return { cells: inTurns.map((cell, index) => ({ ...cell, index })), order: "interleaved" };
}
