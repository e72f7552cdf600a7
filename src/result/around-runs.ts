/** Says of several runs, counted over them, what other than their load their figures depend on. */
import { latenessTexts } from "./lateness-words.ts";
import { machineTexts } from "./machine-words.ts";
import type { RunResult } from "./schema.ts";
import { targetTexts } from "./target-notes.ts";

/**
 * Of etcd, of the machine that sent the load, and of the client: a clause each. They hold names and log
 * lines as etcd gave them.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function aroundRuns(
  runs: readonly RunResult[],
  options: { what?: string; of?: string } = {},
): string[] {
  return [
    ...targetTexts(runs, options),
    ...machineTexts(runs, options),
    ...latenessTexts(runs, options),
  ];
}
