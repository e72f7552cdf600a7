/**
 * Writes `--output junit`: test cases for a CI system to show. Of a comparison each gate is one:
 * slower is a failure, invalid an error, undecided skipped. Of the doctor each cause is one: too slow
 * is a failure, suspect and not known are skipped. Of a result and of a failover report each
 * threshold is one (broken is a failure, undecided skipped), and the verdict, as the exit code has it.
 */
import { withCommonNames } from "../compare/common-names.ts";
import type { Comparison, MetricComparison } from "../compare/schema.ts";
import type { DoctorReport } from "../doctor/report-schema.ts";
import type { FailoverReport } from "../failover/report-schema.ts";
import type { RunResult } from "../result/schema.ts";
import { type SearchRecord, searchesOf } from "../result/search.ts";
import { thresholdOutcome } from "../result/threshold-outcome.ts";
import { formatAskedRate } from "../tables/number-format.ts";
import { thresholdSentence } from "../tables/threshold-words.ts";
import { changeText, metricPath, metricVerdictWords, verdictSentence } from "./comparison/words.ts";
import { actualText } from "./failover/words.ts";
import type { ReportFormat } from "./format.ts";
import { boundOfClient, outcomeOfRun, outcomeOfSearch, searchSentence } from "./outcome.ts";
import { rateOf } from "./table/search-evidence.ts";

interface TestCase {
  name: string;
  outcome: "passed" | "failure" | "error" | "skipped";
  message: string;
}

export const junitFormat: ReportFormat = {
  name: "junit",
  render: (results) =>
    xml([
      ...results
        .filter(({ search }) => search === null)
        .map((result) => ({ name: suiteName(result), cases: casesOfResult(result) })),
      ...searchesOf(results).map((search) => ({
        name: suiteName(search.found ?? search.runs.at(-1)!),
        cases: casesOfSearch(search),
      })),
    ]),
  renderComparison: (comparison) =>
    xml(
      withCommonNames(comparison).cells.map(({ name, metrics, invalid }) => ({
        name: `bench compare ${name}`,
        cases: [
          ...metrics.filter(({ isGate }) => isGate).map((gate) => caseOfGate(gate, invalid)),
          caseOfWhole(comparison),
        ],
      })),
    ),
  renderFailover: (report) =>
    xml([{ name: `bench failover ${report.id}`, cases: casesOfFailover(report) }]),
  renderDoctor: (report) =>
    xml([{ name: `bench doctor ${report.id}`, cases: casesOfDoctor(report) }]),
};

const DOCTOR_OUTCOMES = {
  fine: "passed",
  "not known": "skipped",
  suspect: "skipped",
  "too slow": "failure",
} as const;

/** A case for each cause, with the worst that was found of it. */
function casesOfDoctor({ causes, findings, principal }: DoctorReport): TestCase[] {
  return [
    {
      name: "verdict",
      outcome: DOCTOR_OUTCOMES[principal.verdict],
      message: `${principal.verdict}: ${principal.sentence}`,
    },
    ...causes.map(({ cause, verdict }): TestCase => {
      const bad = findings.filter((each) => each.cause === cause && each.verdict === verdict);
      const words = bad.map(({ member, what, figure }) => {
        return `${what}${member === null ? "" : ` of ${member}`}: ${figure}`;
      });
      const message = [verdict, ...words].join("; ");
      return { name: cause, outcome: DOCTOR_OUTCOMES[verdict], message };
    }),
  ];
}

const FAILOVER_OUTCOMES = { passed: "passed", failed: "failure", incomplete: "error" } as const;

function casesOfFailover({ verdict, thresholds }: FailoverReport): TestCase[] {
  return [
    {
      name: "verdict",
      outcome: FAILOVER_OUTCOMES[verdict.kind],
      message: verdict.reasons.join("; "),
    },
    ...thresholds.map(
      ({ expression, outcome, actual, reason }): TestCase => ({
        name: expression,
        outcome: OUTCOMES[outcome],
        message: reason ?? `the worst trial has ${actualText(actual, expression)}`,
      }),
    ),
  ];
}

function caseOfGate(gate: MetricComparison, invalid: readonly string[]): TestCase {
  const found = gate.ratio === null ? changeText(gate) : `ratio ${changeText(gate)}`;
  const name = metricPath(gate);
  switch (gate.verdict) {
    case "slower":
      return { name, outcome: "failure", message: `${metricVerdictWords(gate)}: ${found}` };
    case "invalid":
      return { name, outcome: "error", message: invalid.join("; ") };
    case "undecided":
    case null:
      return { name, outcome: "skipped", message: `undecided: ${found}` };
    case "faster":
    case "no-change":
      return { name, outcome: "passed", message: found };
  }
}

/** So that what makes the whole invalid, or undecided, is seen where there is no gate. */
function caseOfWhole(comparison: Comparison): TestCase {
  const message = verdictSentence(comparison);
  const { kind } = comparison.verdict;
  const outcome =
    kind === "slower"
      ? "failure"
      : kind === "invalid"
        ? "error"
        : kind === "undecided"
          ? "skipped"
          : "passed";
  return { name: "verdict", outcome, message };
}

const OUTCOMES = { held: "passed", broken: "failure", undecided: "skipped" } as const;

/** Of the verdict alone. */
const RUN_OUTCOMES = {
  valid: "passed",
  doubtful: "skipped",
  invalid: "error",
  failed: "error",
  interrupted: "error",
} as const;

function suiteName({ id, plan }: RunResult): string {
  return `bench ${plan.workload.kind} ${id}`;
}

function casesOfResult(result: RunResult): TestCase[] {
  const outcome = RUN_OUTCOMES[outcomeOfRun(result)];
  return [{ name: "verdict", outcome, message: whyOf(result) }, ...casesOfThresholds(result)];
}

function casesOfSearch(search: SearchRecord): TestCase[] {
  const { runs, found } = search;
  const outcome = RUN_OUTCOMES[outcomeOfSearch(search)];
  const bound = boundOfClient(search);
  const why =
    found !== null && bound !== null
      ? `at ${formatAskedRate(rateOf(bound))}/s: ${[bound.verdict.kind, ...bound.verdict.reasons].join("; ")}`
      : whyOf(found ?? runs.at(-1)!);
  return [
    { name: "verdict", outcome, message: `${searchSentence(search)}; ${why}` },
    ...(found === null ? [] : casesOfThresholds(found)),
  ];
}

function whyOf({ verdict, status }: RunResult): string {
  return [verdict.kind, status, ...verdict.reasons].join("; ");
}

function casesOfThresholds(result: RunResult): TestCase[] {
  return result.thresholds.map(
    (each): TestCase => ({
      name: each.expression,
      outcome: OUTCOMES[thresholdOutcome(each)],
      message: thresholdSentence(each, result),
    }),
  );
}

function xml(suites: readonly { name: string; cases: readonly TestCase[] }[]): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"];
  for (const { name, cases } of suites) {
    const count = (outcome: TestCase["outcome"]) =>
      cases.filter((each) => each.outcome === outcome).length;
    lines.push(
      `  <testsuite name=${quoted(name)} tests="${cases.length}" failures="${count("failure")}" ` +
        `errors="${count("error")}" skipped="${count("skipped")}">`,
      ...cases.map((each) => caseXml(name, each)),
      "  </testsuite>",
    );
  }
  return `${[...lines, "</testsuites>"].join("\n")}\n`;
}

function caseXml(suite: string, { name, outcome, message }: TestCase): string {
  const open = `    <testcase classname=${quoted(suite)} name=${quoted(name)}`;
  if (outcome === "passed") return `${open}/>`;
  return `${open}><${outcome} message=${quoted(message)}/></testcase>`;
}

function quoted(text: string): string {
  const escaped = text
    // XML 1.0, 2.2: no other character may be in a document.
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`);
  return `"${escaped}"`;
}
