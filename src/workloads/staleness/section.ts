/** The section on staleness: how stale each member's reads were. */
import type { OperationResult, Quantity, RunResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatPercent } from "../../tables/number-format.ts";
import { quantityText } from "../../tables/quantity-text.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import { lagOf, memberOfReads } from "./series.ts";

interface StalenessRow {
  run: LabelledRun;
  /** The member's name, or its endpoint. */
  member: string;
  behind: OperationResult;
  reads: OperationResult;
  revisions: Quantity | null;
}

/** Null where no run compared reads with what had been acknowledged. */
export function stalenessSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap(rowsOf);
  if (rows.length === 0) return null;
  const time = (header: string, name: "p50Ms" | "p90Ms" | "p99Ms" | "maxMs") => ({
    header: ["behind", header],
    cell: ({ run, behind }: StalenessRow) =>
      hasRevisionGoneBack(run) ? "-" : latencyText(behind.serviceTime, name),
  });
  const revisions = (header: string, name: "p50" | "p90" | "p99" | "max") => ({
    header: ["revs", header],
    cell: ({ run, revisions: found, behind }: StalenessRow) =>
      hasRevisionGoneBack(run)
        ? "-"
        : quantityText(found, name, behind.serviceTime.missing?.count ?? 0),
  });
  const columns: Column<StalenessRow>[] = [
    ...labelColumns(runs),
    { header: ["Member"], align: "left", cell: ({ member }) => printable(member) },
    { header: ["is"], align: "left", cell: roleOf },
    { header: ["reads"], cell: ({ reads }) => formatCount(reads.requests.succeeded) },
    { header: ["failed"], cell: ({ reads }) => formatCount(reads.requests.failed) },
    { header: ["of them", "behind"], cell: shareText },
    time("p50", "p50Ms"),
    time("p90", "p90Ms"),
    time("p99", "p99Ms"),
    time("max", "maxMs"),
    revisions("p50", "p50"),
    revisions("p90", "p90"),
    revisions("p99", "p99"),
    revisions("max", "max"),
  ];
  return tableSection("Staleness", columns, rows, { remarks: remarksOf(rows) });
}

function rowsOf(run: LabelledRun): StalenessRow[] {
  const { operations } = run.result;
  const names = operations.map(({ name }) => name);
  return operations.flatMap((reads): StalenessRow[] => {
    const member = memberOfReads(reads.name, names);
    if (member === null) return [];
    const behind = operations.find(({ name }) => name === lagOf(member));
    if (behind === undefined) return [];
    return [{ run, member, behind, reads, revisions: behind.quantities.revisionsBehind ?? null }];
  });
}

/** As it was when the run began. */
function roleOf({ run, member }: StalenessRow): string {
  const isIt = ({ name, endpoint }: RunResult["target"]["members"][number]) =>
    name === member || endpoint === member;
  const found = run.result.target.members.find(isIt);
  if (found?.isLearner) return "learner";
  if (found?.isLeader == null) return "-";
  return found.isLeader ? "leader" : "follower";
}

/** Reads after it may be compared with revisions that were acknowledged before. */
function hasRevisionGoneBack({ result }: LabelledRun): boolean {
  return result.target.changes.some(({ kind }) => kind === "revision" || kind === "cluster");
}

function shareText({ run, behind }: StalenessRow): string {
  return formatPercent(hasRevisionGoneBack(run) ? null : shareBehind(behind));
}

function shareBehind({ counters, requests }: OperationResult): number | null {
  return requests.succeeded === 0 ? null : ((counters.behind ?? 0) / requests.succeeded) * 100;
}

function remarksOf(rows: readonly StalenessRow[]): string[] {
  const sum = (amount: (row: StalenessRow) => number) =>
    rows.reduce((all, row) => all + amount(row), 0);
  const notSent = sum(({ reads }) => reads.counters.notSent ?? 0);
  const atLeast = sum(({ behind }) => behind.counters.atLeast ?? 0);
  return [
    ...(rows.some(({ run }) => hasRevisionGoneBack(run))
      ? [
          "How far reads were behind is not known where the revision of etcd went back during the run.",
        ]
      : []),
    ...(notSent === 0
      ? []
      : [
          `${formatNoun(notSent, "read was", "reads were")} not sent: too many were waiting for their member.`,
        ]),
    ...(atLeast === 0
      ? []
      : [
          `${formatNoun(atLeast, "read")} lacked more revisions than bench remembers: the time is a lower bound.`,
        ]),
  ];
}
