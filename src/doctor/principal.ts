/** Names the principal cause: the finding that the others follow from. */
import {
  CAUSES,
  type Cause,
  type Confidence,
  type Finding,
  VERDICTS,
  type Verdict,
} from "./finding.ts";
import type { DoctorReport } from "./report-schema.ts";

/** A sure suspicion says more than a slowness that may be an accident. */
const WEIGHT: Record<"suspect" | "too slow", Record<Confidence, number>> = {
  "too slow": { high: 6, medium: 5, low: 2 },
  suspect: { high: 4, medium: 3, low: 1 },
};
/** Below it, a finding may be noise. */
const LEAST_SURE = WEIGHT.suspect.medium;

/** Of those that are known: that one figure is missing makes nothing unknown. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const known = verdicts.filter((each) => each !== "not known");
  if (known.length === 0) return "not known";
  return VERDICTS[Math.max(...known.map((each) => VERDICTS.indexOf(each)))]!;
}

/** Of the whole report: a finding that may be noise counts as fine. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const judged = findings.filter(({ bound }) => bound !== null);
  return worstVerdict(
    judged.map((each) => (isSure(each) || each.verdict === "not known" ? each.verdict : "fine")),
  );
}

/** 0: it is fine, or not known. */
export function weightOf({ verdict, confidence }: Finding): number {
  return verdict === "suspect" || verdict === "too slow" ? WEIGHT[verdict][confidence] : 0;
}

function isSure(finding: Finding): boolean {
  return weightOf(finding) >= LEAST_SURE;
}

/** The worst first; of equal ones the cause that explains the others. */
export function bySeverity(one: Finding, other: Finding): number {
  const order = ({ cause }: Finding) => CAUSES.indexOf(cause);
  return weightOf(other) - weightOf(one) || order(one) - order(other);
}

/**
 * Of what is sure, the worst that is no symptom; where all are symptoms, the worst of these; else the
 * least unsure.
 */
export function principalOf(findings: readonly Finding[]): DoctorReport["principal"] {
  const verdict = verdictOf(findings);
  const bad = findings.filter((each) => weightOf(each) > 0).toSorted(bySeverity);
  const sure = bad.filter(isSure);
  const chosen = sure.find(({ isSymptom }) => !isSymptom) ?? sure[0] ?? null;
  if (chosen !== null) return named(chosen, verdict, findings);
  const [unsure] = bad.toSorted((one, other) => Number(one.isSymptom) - Number(other.isSymptom));
  if (unsure !== undefined) {
    const { member, nextCommand } = unsure;
    const sentence = `Nothing stands out; with low confidence, ${clause(unsure)}.`;
    return { cause: null, verdict, member, sentence, nextCommand };
  }
  const unknown = CAUSES.filter((cause) => isUnknown(cause, findings));
  const known =
    unknown.length === CAUSES.length
      ? "Nothing is known: no metrics page of a member could be read."
      : `Nothing stands out${unknown.length === 0 ? "" : `; not known: ${unknown.map(causeWords).join(", ")}`}.`;
  return { cause: null, verdict, member: null, sentence: known, nextCommand: null };
}

function isUnknown(cause: Cause, findings: readonly Finding[]): boolean {
  const own = findings.filter((each) => each.cause === cause);
  return own.every(({ verdict }) => verdict === "not known");
}

function named(
  chosen: Finding,
  verdict: Verdict,
  findings: readonly Finding[],
): DoctorReport["principal"] {
  const { cause, member, nextCommand } = chosen;
  const others = new Set(
    findings
      .filter((each) => each.cause !== cause && isSure(each) && !each.isSymptom)
      .map((each) => causeWords(each.cause)),
  );
  const also = others.size === 0 ? "" : ` Look at ${[...others].join(" and ")} too.`;
  return { cause, verdict, member, sentence: `${sentenceOf(chosen)}.${also}`, nextCommand };
}

/** `The principal cause is the disk of etcd1: fsync of the log, p99 between 16 and 32 ms (p99 < 10 ms)`. */
function sentenceOf(finding: Finding): string {
  const { cause, member, verdict } = finding;
  const how = verdict === "too slow" ? "The principal cause is" : "The principal suspect is";
  return `${how} ${subjectOf(cause, member)}: ${clause(finding)}`;
}

/** `the disk of etcd1`. */
export function subjectOf(cause: Cause, member: string | null): string {
  if (member === null) return causeWords(cause);
  return `${causeWords(cause).replace(/ (of the cluster|between members)$/, "")} of ${member}`;
}

function clause({ what, figure, bound }: Finding): string {
  return `${what}: ${figure}${bound === null ? "" : ` (bound: ${bound})`}`;
}

const CAUSE_WORDS: Record<Cause, string> = {
  stability: "the stability of the cluster",
  disk: "the disk",
  network: "the network between members",
  cpu: "the CPU",
  requests: "the requests",
  database: "the database",
  watches: "watches",
  leases: "leases",
  configuration: "the configuration",
  client: "the client's own machine",
};

export function causeWords(cause: Cause): string {
  return CAUSE_WORDS[cause];
}
