/** Makes the combinations of a cell's matrix, with the axes that `--set` adds or replaces. */
import type { Flag } from "../flags/flag.ts";
import type { Overrides } from "./cells.ts";
import type { ReadSuite } from "./read.ts";
import type { CellFile, FlagSet } from "./schema.ts";
import type { DataPath } from "./source.ts";

/** A value of one axis. */
export interface Choice {
  flag: string;
  value: FlagSet[string];
  /** Null: from `--set`. */
  path: DataPath | null;
}

/** As written: the schema gives back the axes in an order of its own. */
function axisNames({ source }: ReadSuite, index: number, matrix: CellFile["matrix"]): string[] {
  const data = source.data as { cells: { matrix?: object }[] };
  const names = Object.keys(data.cells[index]?.matrix ?? {});
  return names.filter((name) => matrix[name] !== undefined);
}

/** By axis, in the file's order; `--set` takes the place of an axis, or is one at the end. */
export function axesOf(
  read: ReadSuite,
  { matrix }: CellFile,
  shapes: readonly Flag[],
  index: number,
  sets: Overrides["sets"],
): Choice[][] {
  const axes = axisNames(read, index, matrix).map((flag) => {
    const values = matrix[flag]!;
    const set = sets.get(flag);
    if (set !== undefined) return set.map((value): Choice => ({ flag, value, path: null }));
    return values.map(
      (value, at): Choice => ({ flag, value, path: ["cells", index, "matrix", flag, at] }),
    );
  });
  for (const [flag, values] of sets) {
    if (values.length < 2 || matrix[flag] !== undefined) continue;
    if (shapes.some(({ name }) => name === flag)) {
      axes.push(values.map((value): Choice => ({ flag, value, path: null })));
    }
  }
  return axes;
}

/** The last axis changes fastest; one empty combination where there is no axis. */
export function combinations(axes: readonly Choice[][]): Choice[][] {
  return axes.reduce<Choice[][]>(
    (found, axis) => found.flatMap((before) => axis.map((choice) => [...before, choice])),
    [[]],
  );
}
