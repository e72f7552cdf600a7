/** Writes GitHub's markdown: tables, escaped text, sections apart from each other. */
import type { TableSection } from "../tables/table-section.ts";
import { printable } from "../text/visible.ts";

/** A cell that is shown bold; a text alone is shown as it is, whatever it begins with. */
export interface BoldCell {
  bold: string;
}

/** Names are aligned left, figures right: `names` are the first so many columns, or those at these places. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | BoldCell)[])[],
  names: number | ReadonlySet<number>,
): string {
  const isName = (at: number) => (typeof names === "number" ? at < names : names.has(at));
  const rule = head.map((_, at) => (isName(at) ? "---" : "--:"));
  const lines = [head.map(tableCell), rule, ...rows.map((row) => row.map(tableCell))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function tableCell(cell: string | BoldCell): string {
  return typeof cell === "string" ? markdownText(cell) : `**${markdownText(cell.bold)}**`;
}

/** What a file or a server says must not become markup, an entity, a formula, or a line of a list. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/[\\|<>*_`[\]~&$]/g, "\\$&")
    .replace(/^[-+=#]/, "\\$&")
    .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");
}

/** A heading, the table of the section, and its remarks. */
export function markdownOfSection({ title, grid, remarks }: TableSection): string {
  return markdownSections([
    `### ${markdownText(title)}`,
    grid === null
      ? ""
      : markdownTable(
          grid.columns.map(({ header }) => header.filter((each) => each !== "").join(" ")),
          grid.rows,
          new Set(grid.columns.flatMap(({ align }, at) => (align === "left" ? [at] : []))),
        ),
    remarks.map(markdownText).join("  \n"),
  ]);
}

export function markdownSections(parts: readonly string[]): string {
  return `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}
