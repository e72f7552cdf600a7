/** Selects cells of a suite by their names. */
import { flagError, usageError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";

export interface Selection {
  /** Empty: all. */
  only: readonly string[];
  skip: readonly string[];
}

/**
 * The cells that are named: `writes` selects all cells of its matrix, `writes, conns=100` a part of
 * them. @throws BenchError (usage) for a name that no cell has, and if no cell is left
 */
export function selectedCells<Of extends { name: string }>(
  cells: readonly Of[],
  { only, skip }: Selection,
  suite: string,
): Of[] {
  checkNames("only", only, cells, suite);
  checkNames("skip", skip, cells, suite);
  const selected = cells.filter(
    (cell) =>
      (only.length === 0 || only.some((name) => isNamed(cell, name))) &&
      !skip.some((name) => isNamed(cell, name)),
  );
  if (selected.length > 0) return selected;
  throw usageError(
    `--only and --skip leave no cell of ${suite}; bench run ${suite} --dry-run lists them`,
  );
}

function isNamed(cell: { name: string }, name: string): boolean {
  return cell.name === name || cell.name.startsWith(`${name}, `);
}

function checkNames(
  flag: string,
  names: readonly string[],
  cells: readonly { name: string }[],
  suite: string,
): void {
  for (const name of names) {
    if (cells.some((cell) => isNamed(cell, name))) continue;
    const known = cells.map((cell) => cell.name);
    const nearest = nearestName(name, [...known.map(withoutValues), ...known]);
    const hint =
      nearest === null ? `bench run ${suite} --dry-run lists them` : `did you mean ${nearest}?`;
    throw flagError(flag, `--${flag}: ${JSON.stringify(name)} is no cell of ${suite}; ${hint}`);
  }
}

/** `writes` of `writes, conns=100`. */
function withoutValues(name: string): string {
  return name.replace(/(, [\w-]+=.*)+$/, "");
}
