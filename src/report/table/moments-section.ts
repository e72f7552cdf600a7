/**
 * Owns what a report says of compactions, defragmentations and leader changes: each with its
 * outcome, and the latency of what they touched beside that of all else.
 */
import { clockName, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import { describeMoment } from "../../result/moments.ts";
import type { Moment, OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";

/** The result keeps them all. */
const MOST_ROWS = 20;

interface MomentRow {
  run: LabelledRun;
  moment: Moment;
}

type BesideMoments = NonNullable<OperationResult["moments"]>["during"];

interface SideRow {
  run: LabelledRun;
  operation: OperationResult;
  side: string;
  requests: BesideMoments;
}

/** None where nothing of the kind happened. */
export function momentSections(runs: readonly LabelledRun[]): TableSection[] {
  return [listMoments(runs), compareSides(runs)].filter((section) => section !== null);
}

function listMoments(runs: readonly LabelledRun[]): TableSection | null {
  const rows: MomentRow[] = runs.flatMap((run) =>
    run.result.moments.map((moment) => ({ run, moment })),
  );
  if (rows.length === 0) return null;
  const columns: Column<MomentRow>[] = [
    ...labelColumns(runs),
    { header: ["at"], cell: ({ moment }) => `${moment.startSeconds.toFixed(2)} s` },
    { header: ["moment"], align: "left", cell: ({ moment }) => printable(describeMoment(moment)) },
    { header: ["took"], cell: ({ moment }) => formatDuration(millis(moment.durationSeconds)) },
    { header: ["to revision"], cell: ({ moment }) => formatCount(moment.revision) },
    { header: ["error"], align: "left", cell: ({ moment }) => printable(moment.error ?? "") },
  ];
  const more = rows.length - MOST_ROWS;
  const remarks = more > 0 ? [`and ${formatCount(more)} more, which --output=json lists`] : [];
  return tableSection("Moments", columns, rows.slice(0, MOST_ROWS), { remarks });
}

function compareSides(runs: readonly LabelledRun[]): TableSection | null {
  const rows: SideRow[] = runs.flatMap((run) =>
    run.result.operations.flatMap((operation) => sidesOf(run, operation)),
  );
  if (rows.length === 0) return null;
  const figure = (header: string, name: "meanMs" | "p50Ms" | "p99Ms" | "maxMs") => ({
    header: [header],
    cell: ({ requests }: SideRow) => latencyText(judgedLatency(requests), name),
  });
  const columns: Column<SideRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ operation }) => printable(operation.name) },
    { header: ["requests"], align: "left", cell: ({ side }) => side },
    { header: ["succeeded"], cell: ({ requests }) => formatCount(judgedLatency(requests).count) },
    { header: ["failed"], cell: ({ requests }) => formatCount(requests.failed) },
    {
      header: ["clock"],
      align: "left",
      cell: ({ requests }) => clockName(judgedClock(requests)),
    },
    figure("mean", "meanMs"),
    figure("p50", "p50Ms"),
    figure("p99", "p99Ms"),
    figure("max", "maxMs"),
  ];
  const heading = "Latency during compaction and defragmentation, and outside of them";
  return tableSection(heading, columns, rows, {
    remarks: [
      "During: requests that were due or in flight while etcd compacted or was defragmented.",
    ],
  });
}

function sidesOf(run: LabelledRun, operation: OperationResult): SideRow[] {
  const { moments } = operation;
  if (moments === null) return [];
  return (["during", "outside"] as const).map((side) => ({
    ...{ run, operation, side },
    requests: moments[side],
  }));
}

function millis(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}
