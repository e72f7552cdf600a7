/** Says verdicts on standard error, where no table on standard output has them. */
import type { Comparison } from "../../compare/schema.ts";
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { EXIT } from "../../errors.ts";
import { wholeVerdictWords } from "../../report/comparison/words.ts";
import type { ReportSubject } from "../../report/format.ts";
import { searchSentence } from "../../report/outcome.ts";
import type { RunResult } from "../../result/schema.ts";
import { type SearchRecord, searchesOf } from "../../result/search.ts";
import { thresholdOutcome } from "../../result/threshold-outcome.ts";
import { thresholdSentence } from "../../tables/threshold-words.ts";
import { exitCodeOfSearch } from "../exit-code.ts";
import type { ProgressDisplay } from "../measure/progress.ts";
import type { Output } from "./outputs.ts";
import { writeNote } from "./standard-output.ts";

export interface Told {
  text: string;
  /** `--quiet` hides it. */
  isGood: boolean;
}

const SHOWN_BY = ["table", "summary", "markdown"];

/** @param display says good ones, too; null: they need no words */
export function sayVerdict(
  subject: ReportSubject,
  outputs: readonly Output[],
  display: Pick<ProgressDisplay, "say"> | null,
): void {
  if (outputs.some(({ file, format }) => file === null && SHOWN_BY.includes(format.name))) return;
  for (const { text, isGood } of toldOf(subject)) {
    if (isGood) display?.say(text);
    else writeNote(text);
  }
}

/** A line for each verdict. */
export function toldOf(subject: ReportSubject): Told[] {
  switch (subject.kind) {
    case "results":
      return [
        ...subject.results.filter(({ search }) => search === null).map(ofRun),
        ...searchesOf(subject.results).map(ofSearch),
      ];
    case "comparison":
      return [ofComparison(subject.comparison)];
    case "trend":
      return [told("trend", subject.trend.verdict, ["quiet"])];
    case "failover":
      return [told("failover", subject.report.verdict, ["passed"])];
    case "soak":
      return [told("soak", subject.report.verdict, ["steady"])];
    case "doctor":
      return [ofDoctor(subject.report)];
    case "memory":
    case "listing":
      return [];
  }
}

function told(
  what: string,
  { kind, reasons }: { kind: string; reasons: readonly string[] },
  good: readonly string[],
): Told {
  return {
    text: `verdict of the ${what}: ${kind}${because(reasons)}`,
    isGood: good.includes(kind),
  };
}

/** What is more, as lost writes, is not called slower. */
function ofComparison(comparison: Comparison): Told {
  const { kind, reasons } = comparison.verdict;
  return {
    text: `verdict of the comparison: ${wholeVerdictWords(comparison)}${because(reasons)}`,
    isGood: kind === "no-change" || kind === "faster",
  };
}

function ofDoctor({ principal: { verdict, sentence } }: DoctorReport): Told {
  return { text: `verdict of the doctor: ${verdict}: ${sentence}`, isGood: verdict === "fine" };
}

function ofRun(result: RunResult): Told {
  const { plan, verdict, status } = result;
  const ended = status === "complete" ? "" : ` (${status})`;
  const open = result.thresholds.filter((each) => thresholdOutcome(each) !== "held");
  const reasons = [...verdict.reasons, ...open.map((each) => thresholdSentence(each, result))];
  return {
    text: `verdict of ${plan.workload.kind}: ${verdict.kind}${ended}${because(reasons)}`,
    isGood: verdict.kind === "valid" && status === "complete" && open.length === 0,
  };
}

function ofSearch(search: SearchRecord): Told {
  const { runs, found } = search;
  const { workload } = runs[0]!.plan;
  const open = (found?.thresholds ?? []).filter((each) => thresholdOutcome(each) !== "held");
  const reasons = open.map((each) => thresholdSentence(each, found!));
  return {
    text: `verdict of ${workload.kind} --find-max: ${searchSentence(search)}${because(reasons)}`,
    isGood: exitCodeOfSearch(search) === EXIT.done,
  };
}

function because(reasons: readonly string[]): string {
  return reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
}
