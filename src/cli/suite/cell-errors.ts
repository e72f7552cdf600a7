/** Says in errors which cell of a suite they are about. */
import { BenchError } from "../../errors.ts";
import type { Cell } from "../../suite/cells.ts";

/** Adds the place in the file to the error of a flag. */
export async function placed<T>(
  cell: Pick<Cell, "placeOf">,
  work: () => T | Promise<T>,
  part?: string,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const place =
      part === undefined
        ? placeOfError(error, cell)
        : (cell.placeOf(part) ?? cell.placeOf("command"));
    throw place === null
      ? error
      : new BenchError(`${place}: ${error.message}`, error.exitCode, { cause: error });
  }
}

function placeOfError(error: BenchError, { placeOf }: Pick<Cell, "placeOf">): string | null {
  if (error.flag !== null) return placeOf(error.flag);
  const named = flagAtStart(error);
  return (named === undefined ? null : placeOf(named)) ?? placeOf("args");
}

function flagAtStart({ message }: BenchError): string | undefined {
  return /^--([\w-]+)/.exec(message)?.[1];
}

/** Of a check after planning, whose error begins with its flag: the place, where the file says that flag. */
export async function placedByFlag(
  cell: Pick<Cell, "placeOf">,
  work: () => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const flag = error.flag ?? flagAtStart(error);
    const place = flag === undefined ? null : cell.placeOf(flag);
    throw place === null
      ? error
      : new BenchError(`${place}: ${error.message}`, error.exitCode, { cause: error });
  }
}

/** The error of a run of the cell. */
export function ofCell(error: BenchError, { name }: Pick<Cell, "name">): BenchError {
  return new BenchError(`${name}: ${error.message}`, error.exitCode, { cause: error });
}
