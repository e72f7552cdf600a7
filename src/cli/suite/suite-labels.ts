/** The labels that `bench run` gives the results of a suite. */
import { BenchError } from "../../errors.ts";
import { refuseReservedLabels } from "../../plan/reserved-labels.ts";
import type { PlannedCell } from "./plans.ts";
import type { PlannedRun } from "./session.ts";

const SUITE_LABELS = ["suite", "cell", "repeat"] as const;
/** Of runs in two arms: which of them it is. */
const ARM_LABELS = ["side"] as const;

type SuiteLabels = Record<(typeof SUITE_LABELS)[number], string> & {
  [Name in (typeof ARM_LABELS)[number]]?: string;
};

export function suiteLabels(suite: string): (run: PlannedRun) => SuiteLabels {
  return ({ cell, repeat }) => ({
    suite,
    cell: cell.name,
    repeat: String(repeat),
    ...(cell.arm === null ? {} : { side: cell.arm }),
  });
}

/** @throws BenchError (usage) that names the place in the file, or the flag */
export function refuseSuiteLabels(cells: readonly PlannedCell[]): void {
  for (const { arm, plan, placeOf } of cells) {
    const reserved = arm === null ? SUITE_LABELS : [...SUITE_LABELS, ...ARM_LABELS];
    try {
      refuseReservedLabels("run", reserved, plan.labels);
    } catch (error) {
      const place = placeOf("label");
      if (!(error instanceof BenchError) || place === null) throw error;
      throw new BenchError(`${place}: ${error.message}`, error.exitCode, { cause: error });
    }
  }
}
