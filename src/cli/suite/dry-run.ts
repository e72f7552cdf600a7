/** Prints the cells of a suite, and the time that they will take, for --dry-run. */

import type { ReportOptions } from "../../report/format.ts";
import { shellLine } from "../../shell-words.ts";
import {
  describeEstimate,
  doneWords,
  type Estimate,
  roundedDuration,
} from "../../suite/estimate.ts";
import { type PlacedRun, withoutPassword } from "../../suite/runs.ts";
import type { SuiteFile } from "../../suite/schema.ts";
import { type Column, renderGrid } from "../../tables/grid.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";
import type { PlannedCell } from "./plans.ts";
import type { SuiteTimes } from "./progress.ts";

type Run = PlacedRun<PlannedCell>;

interface Row {
  cell: PlannedCell;
  runs: number;
  estimate: Estimate | null;
}

const COLUMNS: Column<Row>[] = [
  { header: ["Cell"], align: "left", cell: ({ cell }) => printable(cell.name) },
  { header: ["Runs"], cell: ({ runs }) => String(runs) },
  { header: ["Each"], align: "left", cell: ({ estimate }) => timeText(estimate) },
  { header: ["etcd"], align: "left", cell: ({ cell }) => etcdText(cell) },
];

/** A line for each cell, its command line, and what all take. */
export function dryRunText(
  runs: readonly Run[],
  times: SuiteTimes,
  { name, describe, order }: SuiteFile,
  options: ReportOptions,
  done: ReadonlyMap<number, unknown> = new Map(),
): string {
  const rows = new Map<PlannedCell, Row>();
  for (const [at, { cell }] of runs.entries()) {
    const before = rows.get(cell)?.runs ?? 0;
    rows.set(cell, { cell, runs: before + 1, estimate: times.of(at) });
  }
  const inFile = [...rows.values()].toSorted((a, b) => a.cell.index - b.cell.index);
  return [
    `${name}${describe === undefined ? "" : `: ${describe}`}`,
    "",
    renderGrid(COLUMNS, inFile, options),
    "",
    ...inFile.map(({ cell }) => commandText(cell)),
    "",
    `${formatNoun(runs.length, "run")} of ${formatNoun(inFile.length, "cell")} (order ${order})${doneWords(done.size)}, ${describeEstimate(times.from(0, done))}.`,
    "",
  ].join("\n");
}

function commandText({ words, prepare }: PlannedCell): string {
  return [...prepare, words]
    .map((each) => `bench ${shellLine(each.map(withoutPassword))}`)
    .join(" && ");
}

function timeText(estimate: Estimate | null): string {
  if (estimate === null) return "-";
  const time = roundedDuration(estimate.ms);
  switch (estimate.by) {
    case "schedule":
      return time;
    case "most":
      return `up to ${time}`;
    case "least":
      return `${time} and more`;
    case "earlier":
      return `${time} last time`;
    case "expected":
      return `about ${time}`;
  }
}

function etcdText({ etcd, plan }: PlannedCell): string {
  const { local, endpoints } = plan.target;
  if (local === null) return endpoints.join(",");
  return `${etcd}, ${local.members === 1 ? "1 member" : `${local.members} members`}`;
}
