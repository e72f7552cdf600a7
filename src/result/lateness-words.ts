/** Says of several runs in how many of them latencies may hold the client's own lateness or pauses, and how much. */
import { formatNoun } from "../text/noun.ts";
import { latenessDoubts, pauseDoubts } from "./client-doubts.ts";
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

/**
 * `the client paused in 2 of 4 runs of base, for up to 83 ms: ...`, of pauses that are too short to have
 * limited the run, but not for its slowest requests.
 */
export function pauseTexts(
  runs: readonly Pick<RunResult, "operations" | "client" | "verdict">[],
  { what = "run", of = "" }: { what?: string; of?: string } = {},
): string[] {
  const longestMs = runs.flatMap(({ operations, client, verdict }) => {
    const isTold = verdict.kind === "client-limited";
    const isDoubt = !isTold && pauseDoubts(operations, client).doubts.length > 0;
    return isDoubt && client.pauses !== null ? [client.pauses.longestMs] : [];
  });
  if (longestMs.length === 0) return [];
  const found = `${longestMs.length} of ${formatNoun(runs.length, what)}${of}`;
  return [
    `the client paused in ${found}, for up to ${Math.round(Math.max(...longestMs))} ms: the highest latencies, as p99.9, may be its own.`,
  ];
}
