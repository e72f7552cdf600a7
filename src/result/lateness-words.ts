/** Says of several runs in how many of them latencies may hold the client's own lateness, and how much. */
import { formatNoun } from "../text/noun.ts";
import { latenessDoubts } from "./client-doubts.ts";
import type { RunResult } from "./schema.ts";

/**
 * `this client may have been late in 2 of 4 runs of base, most in one: of the service time's p99 of put
 * 4.1 ms, up to 1.9 ms may be ...`. Without runs that it limited, whose verdict says so.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function latenessTexts(
  runs: readonly Pick<RunResult, "operations" | "client" | "verdict">[],
  { what = "run", of = "" }: { what?: string; of?: string } = {},
): string[] {
  const doubts = runs.flatMap(({ operations, client, verdict }) => {
    if (verdict.kind === "client-limited") return [];
    const ofRun = latenessDoubts(operations, client).doubts;
    return ofRun.length === 0 ? [] : [ofRun.reduce((a, b) => (b.share > a.share ? b : a))];
  });
  if (doubts.length === 0) return [];
  const most = doubts.reduce((a, b) => (b.share > a.share ? b : a));
  const where = doubts.length === 1 ? "" : ", most in one";
  const found = `${doubts.length} of ${formatNoun(runs.length, what)}${of}`;
  return [`this client may have been late in ${found}${where}: ${most.text}.`];
}
