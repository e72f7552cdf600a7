/** Orders the runs of a suite, and names the file that each is kept in. */
import { createHash } from "node:crypto";
import { userName } from "../plan/access-from-flags.ts";
import { randomBelow, seededRandom } from "../random.ts";
import type { SuiteRun } from "../saved/suite-folder.ts";
import type { Cell } from "./cells.ts";
import type { Order } from "./schema.ts";

export interface PlacedRun<Of extends Cell = Cell> {
  cell: Of;
  /** From 1. */
  repeat: number;
}

const LONGEST_SLUG = 80;

/** Every cell as often as it says. */
export function orderedRuns<Of extends Cell>(
  cells: readonly Of[],
  order: Order,
  seed: number,
): PlacedRun<Of>[] {
  const rounds = Math.max(0, ...cells.map(({ repeats }) => repeats));
  const inRounds = Array.from({ length: rounds }, (_, round) => {
    const runs = cells
      .filter(({ repeats }) => round < repeats)
      .map((cell) => ({ cell, repeat: round + 1 }));
    // Back and forth, so that a machine that drifts favours neither the first nor the last.
    return round % 2 === 0 ? runs : runs.reverse();
  });
  switch (order) {
    case "interleaved":
      return inRounds.flat();
    case "fixed":
      return cells.flatMap((cell) =>
        Array.from({ length: cell.repeats }, (_, at) => ({ cell, repeat: at + 1 })),
      );
    case "shuffled":
      return shuffled(inRounds.flat(), seed);
  }
}

/** Fisher and Yates. */
function shuffled<Of>(runs: Of[], seed: number): Of[] {
  const random = seededRandom(seed, 0);
  for (let at = runs.length - 1; at > 0; at--) {
    const other = randomBelow(random, at + 1);
    [runs[at], runs[other]] = [runs[other]!, runs[at]!];
  }
  return runs;
}

/** As the manifest has them, without passwords. */
export function manifestRuns(runs: readonly PlacedRun[]): SuiteRun[] {
  const digits = Math.max(3, String(runs.length).length);
  return runs.map(({ cell, repeat }, at) => {
    const slug = cell.name
      .replace(/[^A-Za-z0-9=.]+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, LONGEST_SLUG);
    const number = String(at + 1).padStart(digits, "0");
    const nth = cell.repeats > 1 ? `.${repeat}` : "";
    return {
      file: `${number}-${slug === "" ? "run" : slug}${nth}.json`,
      cell: cell.name,
      arm: cell.arm,
      repeat,
      values: cell.values,
      command: cell.words.map(withoutPassword),
    };
  });
}

/**
 * All that decides what is measured, and nothing that does not: names and order of runs included,
 * and how arms are compared, if they are.
 */
export function contentHash<Of extends Cell>(
  runs: readonly PlacedRun<Of>[],
  targetOf: (cell: Of) => unknown,
  comparison?: object,
): string {
  const content = runs.map(({ cell, repeat }) => [
    cell.name,
    repeat,
    cell.words.map(withoutPassword),
    cell.prepare.map((words) => words.map(withoutPassword)),
    cell.etcd,
    targetOf(cell),
  ]);
  return createHash("sha256")
    .update(JSON.stringify(comparison ? [content, comparison] : content, asEarlier))
    .digest("hex");
}

/** Drops fields of a target that earlier versions did not have, where they say nothing: sessions begun by those go on. */
function asEarlier(key: string, value: unknown): unknown {
  const saysNothing =
    (key === "cluster" && value === null) ||
    ((key === "grpcProxy" || key === "proxied") && value === false);
  return saysNothing ? undefined : value;
}

/** `--user=root:secret` as `--user=root`. */
export function withoutPassword(word: string): string {
  const user = /^--user=(.*)$/s.exec(word)?.[1];
  return user === undefined ? word : `--user=${userName(user)}`;
}
