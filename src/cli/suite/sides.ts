/**
 * Owns the two sides of a suite that is measured on a pinned reference too: the same cells twice, on
 * another etcd each and labelled, next to each other so that rounds take turns.
 */
import { usageError } from "../../errors.ts";
import type { Overrides } from "../../suite/cells.ts";
import type { Order } from "../../suite/schema.ts";
import type { FlagValues } from "../command.ts";
import type { PlannedCell } from "./plans.ts";

interface Side {
  name: "reference" | "head";
  overrides: Overrides;
}

/** Null where the flags name no reference. @throws BenchError (usage) where they name no head */
function sidesOf(flags: FlagValues, overrides: Overrides): readonly [Side, Side] | null {
  const reference = flags["reference-etcd"] as string | undefined;
  if (reference === undefined) return null;
  if (flags.etcd === undefined || flags.local === undefined) {
    throw usageError(
      "--reference-etcd is the one side of each run; give the other, and clusters to start, e.g. --local --etcd=head/etcd",
    );
  }
  const labels = [overrides.flags.label ?? []].flat();
  const side = (name: Side["name"], etcd: string): Side => ({
    name,
    overrides: {
      ...overrides,
      flags: { ...overrides.flags, etcd, label: [...labels, `side=${name}`] },
    },
  });
  return [side("reference", reference), side("head", flags.etcd as string)];
}

/**
 * The cells of a suite, by `plan` from what the person says; those of two sides in turns.
 * @param order what the suite says; runs of two sides are always interleaved
 */
export async function cellsOfSides(
  flags: FlagValues,
  overrides: Overrides,
  order: Order,
  plan: (overrides: Overrides) => Promise<PlannedCell[]>,
): Promise<{ cells: PlannedCell[]; order: Order }> {
  const sides = sidesOf(flags, overrides);
  if (sides === null) return { cells: await plan(overrides), order };
  const planSide = async ({ name, overrides: ofSide }: Side) =>
    (await plan(ofSide)).map((cell) => ({ ...cell, name: `${cell.name}, ${name}` }));
  const [reference, head] = [await planSide(sides[0]), await planSide(sides[1])];
  const inTurns = reference.flatMap((cell, at) => [cell, head[at]!]);
  return { cells: inTurns.map((cell, index) => ({ ...cell, index })), order: "interleaved" };
}
