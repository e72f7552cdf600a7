/** The section on availability: what each operation saw at each attachment, and what etcd has kept. */
import type { Availability, AvailabilityGroup } from "../../result/availability-schema.ts";
import { unreadMembers } from "../../result/unread-members.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatCount, formatDuration } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";

interface GroupRow {
  run: LabelledRun;
  group: AvailabilityGroup;
}

/** Null where no run recorded single requests. */
export function availabilitySection(runs: readonly LabelledRun[]): TableSection | null {
  const rows = runs.flatMap((run) =>
    (run.result.availability?.groups ?? []).map((group) => ({ run, group })),
  );
  if (rows.length === 0) return null;
  const ms = (of: (group: AvailabilityGroup) => number | null) => {
    return ({ group }: GroupRow) => formatDuration(of(group));
  };
  const columns: Column<GroupRow>[] = [
    ...labelColumns(runs),
    { header: ["Operation"], align: "left", cell: ({ group }) => group.operation },
    { header: ["client on"], align: "left", cell: ({ group }) => attachmentText(group) },
    { header: ["due"], cell: ({ group }) => formatCount(group.due) },
    { header: ["available"], cell: ({ group }) => shareText(group.availabilityPercent) },
    { header: ["failed"], cell: ({ group }) => formatCount(group.failed + group.neverSent) },
    { header: ["slow"], cell: ({ group }) => formatCount(group.slow) },
    { header: ["windows"], cell: ({ group }) => formatCount(group.windows.length) },
    { header: ["longest"], cell: longestText },
    { header: ["first", "error"], cell: ms(({ firstErrorMs }) => firstErrorMs) },
    { header: ["first", "answer"], cell: ms(({ firstSuccessMs }) => firstSuccessMs) },
    { header: ["old", "rate"], cell: ms(({ fullRateMs }) => fullRateMs) },
    { header: ["old", "speed"], cell: ms(({ fullSpeedMs }) => fullSpeedMs) },
  ];
  const remarks = runs.flatMap(({ result }) =>
    result.availability === null ? [] : availabilityRemarks(result.availability),
  );
  return tableSection("Availability", columns, rows, { remarks });
}

/** Four digits: 99.98% is not 100%. */
export function shareText(percent: number | null): string {
  if (percent === null) return "-";
  return percent === 100 ? "100%" : `${percent.toFixed(percent > 99 ? 3 : 2)}%`;
}

function attachmentText({ attachment, isFaulted }: AvailabilityGroup): string {
  return `${printable(attachment)}${isFaulted ? " (faulted)" : ""}`;
}

function longestText({ group: { windows, longestWindowMs } }: GroupRow): string {
  if (windows.length === 0) return "-";
  const isOpen = windows.some((each) => each.isOpen);
  return `${isOpen ? ">=" : ""}${formatDuration(longestWindowMs)}`;
}

/** A sentence for each finding. */
export function availabilityRemarks(availability: Availability): string[] {
  const { fault, slowMs, spacingMs, writes, reads, watches, leases, locks } = availability;
  return [
    `A request is good that is answered within ${formatDuration(slowMs)} of when it was due; in each row one was due every ${formatDuration(spacingMs)}.` +
      (fault === null ? "" : " Times are from the beginning of the fault on."),
    ...leadershipRemarks(availability),
    ...(writes === null ? [] : writesRemarks(writes)),
    ...readsRemarks(reads),
    ...watchesRemarks(watches),
    ...leases
      .filter(({ expired }) => expired > 0)
      .map(
        ({ attachment, expired, expiredEarly }) =>
          `${formatNoun(expired, "lease")} of the client on ${printable(attachment)} expired, ${expiredEarly} of them before the time to live was over.`,
      ),
    ...(locks === null
      ? []
      : [
          `${formatNoun(locks.acquired, "lock was", "locks were")} had; ${locks.twoOwners} had two owners at a time; ${formatNoun(locks.expiredEarly, "lease")} of their clients expired early.`,
        ]),
  ];
}

function leadershipRemarks({ fault, leadership }: Availability): string[] {
  if (fault === null || leadership === null) return [];
  const { leaderLostMs, leaderElectedMs, firstCommitMs, elections } = leadership;
  const { memberHealthyMs, memberCaughtUpMs, mostEntriesBehind } = leadership;
  const member = fault.member === null ? "" : ` of ${printable(fault.member)}`;
  const untold =
    elections === null ? "no member told of its leader at the end" : "the leader stayed";
  const lost =
    leaderLostMs === null
      ? untold
      : `leader lost ${formatDuration(leaderLostMs)} after it began, and no next one elected`;
  const changes =
    leaderElectedMs === null
      ? lost
      : `leader lost ${formatDuration(leaderLostMs)}, next one elected ${formatDuration(leaderElectedMs)}, ` +
        `first commit ${formatDuration(firstCommitMs)} after it began${elections === null ? "" : ` (${formatNoun(elections, "election")})`}`;
  const back =
    memberHealthyMs === null
      ? ""
      : `; the member was healthy again after ${formatDuration(memberHealthyMs)}, up to ${formatCount(mostEntriesBehind)} entries behind, and had caught up after ${formatDuration(memberCaughtUpMs)}`;
  return [
    `Fault: ${printable(fault.kind)}${member} at ${formatDuration(fault.startMs)}: ${changes}${back}.`,
  ];
}

function writesRemarks(writes: NonNullable<Availability["writes"]>): string[] {
  const { acknowledged, lost, inDoubt, appliedTwice, corrupt, members } = writes;
  // Earlier results have 0 where nothing was read.
  const ofDoubt = (count: number | null) => formatCount(lost === null ? null : count);
  const { inDoubtApplied, inDoubtNotApplied, inDoubtDiverged } = writes;
  const read = members.filter(({ keys }) => keys !== null).length;
  const some =
    lost === null || read === members.length
      ? ""
      : ` on the ${read} of ${members.length} members that could be read`;
  const diverged = inDoubtDiverged ? `, ${inDoubtDiverged} on some members only` : "";
  return [
    `Writes: ${formatCount(acknowledged)} acknowledged, ${formatCount(lost)} of them lost${some}; ` +
      `${formatCount(inDoubt)} in doubt: ${ofDoubt(inDoubtApplied)} applied, ${ofDoubt(inDoubtNotApplied)} not${diverged}; ` +
      `${formatCount(appliedTwice)} applied twice, ${formatCount(corrupt)} corrupt.`,
    ...unreadMembers(writes).map(printable),
  ];
}

function readsRemarks(reads: Availability["reads"]): string[] {
  const of = (operation: string) => reads.filter((each) => each.operation === operation);
  const sum = (all: Availability["reads"], name: "stale" | "notFound" | "answered") =>
    all.reduce((total, each) => total + each[name], 0);
  const [linearizable, serializable] = [of("range-linearizable"), of("range-serializable")];
  const longestMs = Math.max(0, ...serializable.map(({ longestStaleMs }) => longestStaleMs));
  return [
    ...(linearizable.length === 0
      ? []
      : [
          `Linearizable reads: ${sum(linearizable, "stale")} of ${formatCount(sum(linearizable, "answered"))} went back, ${sum(linearizable, "notFound")} missed an acknowledged key.`,
        ]),
    ...(serializable.length === 0
      ? []
      : [
          `Serializable reads: ${formatCount(sum(serializable, "stale"))} of ${formatCount(sum(serializable, "answered"))} were stale, by up to ${formatDuration(longestMs)}.`,
        ]),
  ];
}

function watchesRemarks(watches: Availability["watches"]): string[] {
  return watches.map((watch) => {
    const { attachment, events, longestGapMs, duplicates, lost, notDelivered, resumes } = watch;
    const resumed =
      resumes === 0
        ? ""
        : `; its stream went on ${formatNoun(resumes, "time")}, after up to ${formatDuration(watch.longestResumeMs)}`;
    return (
      `Watcher on ${printable(attachment)}: ${formatNoun(events, "event")}, longest gap ${formatDuration(events < 2 ? null : longestGapMs)}, ` +
      `${duplicates} twice, ${lost} lost, ${notDelivered} not delivered by the end${resumed}.`
    );
  });
}
