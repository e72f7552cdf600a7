/** Judges the evidence: all causes, and what they come to. */
import { judgeClient } from "./causes/client.ts";
import { judgeConfiguration } from "./causes/configuration.ts";
import { judgeCpu } from "./causes/cpu.ts";
import { judgeDatabase } from "./causes/database.ts";
import { judgeDisk } from "./causes/disk.ts";
import type { Judge } from "./causes/judged.ts";
import { judgeLeases } from "./causes/leases.ts";
import { judgeNetwork } from "./causes/network.ts";
import { judgeRequests } from "./causes/requests.ts";
import { judgeStability } from "./causes/stability.ts";
import { judgeWatches } from "./causes/watches.ts";
import type { Evidence } from "./evidence.ts";
import { CAUSES, type Cause, CONFIDENCES, type Finding } from "./finding.ts";
import { bySeverity, principalOf, worstVerdict } from "./principal.ts";
import type { DoctorReport } from "./report-schema.ts";

const JUDGES: Record<Cause, Judge> = {
  stability: judgeStability,
  disk: judgeDisk,
  network: judgeNetwork,
  cpu: judgeCpu,
  requests: judgeRequests,
  database: judgeDatabase,
  watches: judgeWatches,
  leases: judgeLeases,
  configuration: judgeConfiguration,
  client: judgeClient,
};

export type Diagnosis = Pick<DoctorReport, "causes" | "findings" | "principal">;

/** The findings are in the order of causes, the worst of each first. */
export function diagnose(evidence: Evidence): Diagnosis {
  const findings = CAUSES.flatMap((cause) => JUDGES[cause](evidence).toSorted(bySeverity));
  const causes = CAUSES.map((cause) => verdictOfCause(cause, findings));
  return { causes, findings, principal: principalOf(findings) };
}

function verdictOfCause(
  cause: Cause,
  findings: readonly Finding[],
): DoctorReport["causes"][number] {
  // What has no bound is shown, and not judged.
  const own = findings.filter((each) => each.cause === cause && each.bound !== null);
  const verdict = worstVerdict(own.map((each) => each.verdict));
  const ranks = own
    .filter((each) => each.verdict === verdict)
    .map(({ confidence }) => CONFIDENCES.indexOf(confidence));
  // All that is fine must be known and sure for the whole to be; one that is bad is enough.
  const isPartial = own.some((each) => each.verdict === "not known");
  const rank = verdict === "fine" ? (isPartial ? 0 : Math.min(...ranks)) : Math.max(0, ...ranks);
  return { cause, verdict, confidence: CONFIDENCES[rank]! };
}
