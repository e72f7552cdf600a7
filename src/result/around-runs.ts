/** Says of several runs, counted over them, what other than their load their figures depend on. */
import { countedNotes } from "./counted-notes.ts";
import { latenessTexts, pauseTexts } from "./lateness-words.ts";
import { brokenLawTexts } from "./law-words.ts";
import { machineTexts } from "./machine-words.ts";
import type { RunResult } from "./schema.ts";

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
    ...countedNotes(runs, options),
    ...machineTexts(runs, options),
    ...latenessTexts(runs, options),
    ...pauseTexts(runs, options),
    ...brokenLawTexts(runs, options),
  ];
}
