/** Owns what GitHub's markdown takes: tables, escaped text, sections apart from each other. */
import { printable } from "./table/paint.ts";

/** The first `names` columns stand left, figures right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly string[][],
  names: number,
): string {
  const rule = head.map((_, at) => (at < names ? "---" : "--:"));
  return [head, rule, ...rows].map((each) => `| ${each.map(tableCell).join(" | ")} |`).join("\n");
}

function tableCell(text: string): string {
  return text.startsWith("**") ? text : markdownText(text);
}

/** What stands in a file must not become markup. */
export function markdownText(text: string): string {
  return printable(text).replace(/[\\|<>*_`[\]]/g, "\\$&");
}

export function markdownSections(parts: readonly string[]): string {
  return `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}
