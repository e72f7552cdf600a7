/** Says which clock the latencies of each side have, where the sides do not have the same. */
import { type Clock, judgedClock } from "../result/judged-latency.ts";
import type { RunResult } from "../result/schema.ts";
import type { Cell } from "./cells.ts";

const WORDS: Record<Clock, string> = {
  response: "response times (from the schedule)",
  service: "service times (from the send)",
};

/** `put ...: the latencies of base are response times (...), those of head service times (...): ...` */
export function clockNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  const [ofBase, ofHead] = [clocksOf(base), clocksOf(head)];
  if (ofBase === ofHead) return [];
  return [
    `${name}: the latencies of ${baseLabel} are ${ofBase}, those of ${headLabel} ${ofHead}: they do not compare.`,
  ];
}

function clocksOf(runs: readonly RunResult[]): string {
  const clocks = runs.flatMap(({ operations: [whole] }) =>
    whole === undefined ? [] : [judgedClock(whole)],
  );
  return [...new Set(clocks)]
    .toSorted()
    .map((clock) => WORDS[clock])
    .join(" and ");
}
