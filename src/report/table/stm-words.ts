/** Owns what a report says of the stm workload. */

import type { StmWorkload } from "../../plan/workload/stm-schema.ts";
import { formatNoun } from "../../text/noun.ts";
import { describeValues } from "./workload-words.ts";

export function describeStm(workload: StmWorkload): string {
  const { isolation, keySpaceSize, keysPerTxn, writePercent, locker } = workload;
  const keys = `${keysPerTxn} of ${formatNoun(keySpaceSize, "key")}, ${writePercent}% written`;
  const values = describeValues(workload);
  return `stm ${isolation}, ${keys}, ${values}${locker === "stm" ? "" : `, under ${locker}`}`;
}

/** How often a transaction was tried until it took effect; null where none was or none did. */
export function attemptsPerCommit({ attempts, commits }: Record<string, number>): number | null {
  return attempts === undefined || !commits ? null : attempts / commits;
}
