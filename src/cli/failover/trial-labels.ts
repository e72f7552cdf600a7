/** The labels that `bench failover` gives the results of its trials. */
import type { PlannedRun } from "../suite/session.ts";

export const TRIAL_LABELS = ["failover", "trial", "control"] as const;

/** @param id of the session */
export function trialLabels(
  id: string,
): (run: PlannedRun) => { [Name in (typeof TRIAL_LABELS)[number]]?: string } {
  return ({ cell }) => {
    const number = cell.name.replace(/^\w+ /, "");
    return { failover: id, ...(cell.arm === "fault" ? { trial: number } : { control: number }) };
  };
}
