/** Lists the profiles of etcd that were kept with a run. */
import type { ProfileResult } from "../../result/schema.ts";
import type { Column } from "../../tables/grid.ts";
import { type LabelledRun, labelColumns } from "../../tables/labels.ts";
import { formatBytes } from "../../tables/number-format.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { printable } from "../../text/visible.ts";

interface ProfileRow {
  run: LabelledRun;
  profile: ProfileResult;
}

/** Null where no run has any. */
export function profilesSection(runs: readonly LabelledRun[]): TableSection | null {
  const rows: ProfileRow[] = runs.flatMap((run) =>
    run.result.profiles.map((profile) => ({ run, profile })),
  );
  if (rows.length === 0) return null;
  const columns: Column<ProfileRow>[] = [
    ...labelColumns(runs),
    { header: ["Member"], align: "left", cell: ({ profile }) => printable(profile.member) },
    { header: ["of"], align: "left", cell: ({ profile }) => profile.kind },
    {
      header: ["from"],
      // The first window may begin a little before the load does.
      cell: ({ profile }) => `${Math.max(0, profile.startSeconds).toFixed(1)} s`,
    },
    {
      header: ["to"],
      cell: ({ profile: { startSeconds, durationSeconds } }) =>
        `${(startSeconds + durationSeconds).toFixed(1)} s`,
    },
    { header: ["size"], cell: ({ profile }) => formatBytes(profile.sizeBytes) },
    { header: ["file"], align: "left", cell: ({ profile }) => printable(profile.file) },
  ];
  return tableSection("Profiles of the slowest window", columns, rows, {
    remarks: ["Read them with: go tool pprof -top FILE"],
    keepsUpright: true,
  });
}
