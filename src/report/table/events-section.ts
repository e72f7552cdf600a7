/**
 * The tables of a run's events: each with its outcome, and the latency of the requests that they
 * touched next to that of all others.
 */
import { eventKind } from "../../events/catalogue.ts";
import { AFTERMATH_MS } from "../../events/definition.ts";
import { describeEvent } from "../../events/describe-event.ts";
import { LEADER_CHANGE } from "../../events/leader-change.ts";
import { clockName, judgedClock, judgedLatency } from "../../result/judged-latency.ts";
import type { EtcdEvent, OperationResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { latencyText } from "../../tables/latency-text.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";

/** The result keeps them all. */
const MOST_ROWS = 20;

interface EventRow {
  run: LabelledRun;
  event: EtcdEvent;
}

type EventSide = NonNullable<OperationResult["moments"]>["during"];

interface SideRow {
  run: LabelledRun;
  operation: OperationResult;
  side: string;
  requests: EventSide;
}

/** None where nothing of the kind happened. */
export function eventSections(runs: readonly LabelledRun[]): TableSection[] {
  return [listEvents(runs), compareSides(runs)].filter((section) => section !== null);
}

function listEvents(runs: readonly LabelledRun[]): TableSection | null {
  const rows: EventRow[] = runs.flatMap((run) =>
    run.result.moments.map((event) => ({ run, event })),
  );
  if (rows.length === 0) return null;
  const columns: Column<EventRow>[] = [
    ...labelColumns(runs),
    { header: ["at"], cell: ({ event }) => `${event.startSeconds.toFixed(2)} s` },
    { header: ["event"], align: "left", cell: ({ event }) => printable(describeEvent(event)) },
    { header: ["took"], cell: ({ event }) => formatDuration(millis(event.durationSeconds)) },
    { header: ["to revision"], cell: ({ event }) => formatCount(event.revision) },
    { header: ["error"], align: "left", cell: ({ event }) => printable(event.error ?? "") },
  ];
  const more = rows.length - MOST_ROWS;
  const remarks = more > 0 ? [`and ${formatCount(more)} more, which --output=json lists`] : [];
  return tableSection("Events", columns, rows.slice(0, MOST_ROWS), { remarks });
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
  return tableSection("Latency during events, and outside of them", columns, rows, {
    remarks: [
      `During: requests that were due or in flight during an event${namesOf(rows)}${aftermathOf(rows)}.`,
    ],
  });
}

/** What follows from a fault is of it. */
function aftermathOf(rows: readonly SideRow[]): string {
  const isOfFault = rows.some(({ run }) =>
    run.result.moments.some(
      ({ kind }) => kind !== LEADER_CHANGE.kind && eventKind(kind).changesLeader,
    ),
  );
  return isOfFault ? `, or in the ${AFTERMATH_MS / 1000} s after a fault` : "";
}

/** ` (compaction, defragmentation)`: the kinds of events that took time, and so touched requests. */
function namesOf(rows: readonly SideRow[]): string {
  const events = rows.flatMap(({ run }) => run.result.moments);
  const kinds = new Set(
    events.filter(({ durationSeconds }) => durationSeconds !== null).map(({ kind }) => kind),
  );
  const names = [...kinds].map((kind) => printable(eventKind(kind).describe(null)));
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
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
