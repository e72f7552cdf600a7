/**
 * Measures a suite on a pinned reference too: each cell becomes two, one for each arm, on another
 * etcd and with another label, next to each other so that their runs take turns.
 */
import { usageError } from "../../errors.ts";
import type { Overrides } from "../../suite/cells.ts";
import type { Order } from "../../suite/schema.ts";
import type { FlagValues } from "../command.ts";
import type { PlannedCell } from "./plans.ts";

interface Arm {
  name: "reference" | "head";
  etcdFlag: string;
  overrides: Overrides;
}

/** Null where the flags name no reference. @throws BenchError (usage) where they name no head */
function armsOf(flags: FlagValues, overrides: Overrides): readonly [Arm, Arm] | null {
  const reference = flags["reference-etcd"] as string | undefined;
  if (reference === undefined) return null;
  if (flags.etcd === undefined || flags.local === undefined) {
    throw usageError(
      "--reference-etcd is the one arm of each run; give the other, and clusters to start, e.g. --local --etcd=head/etcd",
    );
  }
  const labels = [overrides.flags.label ?? []].flat();
  const arm = (name: Arm["name"], etcdFlag: string, etcd: string): Arm => ({
    name,
    etcdFlag,
    overrides: {
      ...overrides,
      flags: { ...overrides.flags, etcd, label: [...labels, `side=${name}`] },
    },
  });
  return [
    arm("reference", "--reference-etcd", reference),
    arm("head", "--etcd", flags.etcd as string),
  ];
}

/**
 * The cells of a suite, planned by `plan`; with a reference those of both arms.
 * @param order of the suite; runs of two arms are always interleaved
 */
export async function cellsOfArms(
  flags: FlagValues,
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
