/** Words and cells of a doctor's report, which its table, markdown and page share. */
import { causeWords } from "../../doctor/principal.ts";
import type { DoctorMember, DoctorReport } from "../../doctor/report-schema.ts";
import type { Column } from "../../tables/grid.ts";
import { ABSENT, formatBytes, formatDuration } from "../../tables/number-format.ts";
import type { Paint } from "../../tables/paint.ts";
import { type TableSection, tableSection } from "../../tables/table-section.ts";
import { formatNoun } from "../../text/noun.ts";
import { printable } from "../../text/visible.ts";

export type Finding = DoctorReport["findings"][number];
type CauseRow = DoctorReport["causes"][number] & { finding: Finding | undefined };

export function titleOf({ members }: DoctorReport): string {
  const versions = [...new Set(members.flatMap(({ version }) => version ?? []))].sort();
  const etcd = versions.length === 0 ? "etcd" : `etcd ${versions.join(", ")}`;
  return `Doctor: ${formatNoun(members.length, "member")} of ${etcd}`;
}

export function whatWasDone({ target, windowSeconds, probe }: DoctorReport): string[] {
  const window =
    windowSeconds === null ? "without a window" : `over ${formatDuration(windowSeconds * 1_000)}`;
  return [`${target}, ${window}, probe ${probe}`];
}

/** `too slow: The principal cause is ...`. */
export function verdictLine({ principal }: DoctorReport): string {
  return `${principal.verdict}: ${principal.sentence}`;
}

export function toned(paint: Paint, verdict: Finding["verdict"]): string {
  const tones = { fine: paint.good, "not known": (text: string) => text, suspect: paint.warning };
  return verdict === "too slow" ? paint.bad(verdict) : tones[verdict](verdict);
}

/** What markdown has; the page has all figures too. */
export function doctorSections(report: DoctorReport, paint: Paint): TableSection[] {
  return [causesSection(report, paint), badSection(report, paint), membersSection(report)].filter(
    ({ grid }) => grid !== null,
  );
}

export const BAD_TITLE = "Suspect or too slow";

export function badFindings({ findings }: DoctorReport): Finding[] {
  return findings.filter(({ verdict }) => verdict === "suspect" || verdict === "too slow");
}

export function causesSection({ causes, findings }: DoctorReport, paint: Paint): TableSection {
  const rows = causes.map((row): CauseRow => {
    const own = findings.filter(({ cause }) => cause === row.cause);
    return { ...row, finding: own.find(({ verdict }) => verdict === row.verdict) ?? own[0] };
  });
  const columns: Column<CauseRow>[] = [
    {
      header: ["Cause"],
      align: "left",
      cell: ({ cause }) => causeWords(cause).replace(/^the /, ""),
    },
    { header: ["verdict"], align: "left", cell: ({ verdict }) => toned(paint, verdict) },
    {
      header: ["confidence"],
      align: "left",
      cell: ({ verdict, confidence }) => (verdict === "not known" ? ABSENT : confidence),
    },
    { header: ["member"], align: "left", cell: ({ finding }) => memberCell(finding) },
    { header: ["figure"], align: "left", cell: ({ finding }) => figureCell(finding) },
  ];
  return tableSection("A verdict for each cause", columns, rows, { keepsUpright: true });
}

function memberCell(finding: Finding | undefined): string {
  return textCell(finding?.member);
}

function figureCell(finding: Finding | undefined): string {
  return finding === undefined ? ABSENT : printable(`${finding.what}: ${finding.figure}`);
}

function textCell(text: string | null | undefined): string {
  return text === null || text === undefined ? ABSENT : printable(text);
}

function badSection(report: DoctorReport, paint: Paint): TableSection {
  const columns: Column<Finding>[] = [
    ...findingColumns(paint),
    { header: ["bound"], align: "left", cell: ({ bound }) => textCell(bound) },
    { header: ["to look further"], align: "left", cell: (each) => textCell(each.nextCommand) },
  ];
  return tableSection(BAD_TITLE, columns, badFindings(report), { keepsUpright: true });
}

function findingColumns(paint: Paint): Column<Finding>[] {
  return [
    {
      header: ["Cause"],
      align: "left",
      cell: ({ cause }) => causeWords(cause).replace(/^the /, ""),
    },
    { header: ["verdict"], align: "left", cell: ({ verdict }) => toned(paint, verdict) },
    { header: ["confidence"], align: "left", cell: ({ confidence }) => confidence },
    { header: ["member"], align: "left", cell: memberCell },
    { header: ["figure"], align: "left", cell: figureCell },
  ];
}

/** All that was looked at. */
export function allFindings({ findings }: DoctorReport, paint: Paint): TableSection {
  const columns: Column<Finding>[] = [
    ...findingColumns(paint),
    { header: ["bound"], align: "left", cell: ({ bound }) => textCell(bound) },
    { header: ["source"], align: "left", cell: ({ source }) => textCell(source) },
  ];
  return tableSection("All figures", columns, findings, { keepsUpright: true });
}

export function membersSection({ members }: DoctorReport): TableSection {
  const columns: Column<DoctorMember>[] = [
    { header: ["Member"], align: "left", cell: ({ name }) => printable(name) },
    { header: ["role"], align: "left", cell: ({ role }) => role ?? ABSENT },
    { header: ["etcd"], align: "left", cell: ({ version }) => textCell(version) },
    { header: ["endpoint"], align: "left", cell: ({ endpoint }) => textCell(endpoint) },
    { header: ["pid here"], cell: ({ pid }) => (pid === null ? ABSENT : String(pid)) },
    { header: ["db size"], cell: ({ dbSizeBytes }) => formatBytes(dbSizeBytes) },
    { header: ["not read"], align: "left", cell: ({ fault }) => textCell(fault) },
  ];
  return tableSection("Members", columns, members, { keepsUpright: true });
}
