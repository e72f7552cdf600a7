/** Checks that the flags of a whole suite, and those of `--set`, are flags of its cells. */
import { usageError } from "../errors.ts";
import { meantFlagHint } from "../flags/meant-flag.ts";
import type { Overrides } from "./cells.ts";
import { allCellFlags, type CommandShape } from "./command-shape.ts";
import type { ReadSuite } from "./read.ts";

/** @throws BenchError (usage) that names the flag */
export function checkSets(
  { suite }: ReadSuite,
  commands: readonly CommandShape[],
  sets: Overrides["sets"],
): void {
  const used = commands.filter(({ name }) => suite.cells.some(({ command }) => command === name));
  const known = [...allCellFlags(used).keys()];
  for (const name of sets.keys()) {
    if (known.includes(name)) continue;
    const hint = meantFlagHint(name, known);
    throw usageError(
      `--set: ${JSON.stringify(name)} is no flag that a cell of ${suite.name} takes${hint === null ? "" : `; ${hint}`}`,
    );
  }
}

/** A flag of the whole suite that no cell takes is a slip. @throws BenchError (usage) */
export function checkSharedFlags(
  { suite, source }: ReadSuite,
  commands: readonly CommandShape[],
): void {
  const used = commands.filter(({ name }) => suite.cells.some(({ command }) => command === name));
  const known = allCellFlags(used);
  for (const name of Object.keys(suite.flags)) {
    if (known.has(name)) continue;
    throw usageError(
      `${source.place(["flags", name], true)}: no command of this suite takes --${name}; leave it out`,
    );
  }
}
