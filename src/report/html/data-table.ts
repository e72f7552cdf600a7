/** Renders tables in a page: those of every report, and the data of a chart. */
import type { Grid } from "../../tables/grid.ts";
import type { TableSection } from "../../tables/table-section.ts";
import { html, type Markup, NOTHING } from "./markup.ts";

/** A row of a chart's data, and where the chart has it: fractions of its width and height. */
export interface DataRow {
  cells: readonly string[];
  /** Null for a row that no place of the chart shows. */
  x: number | null;
}

export interface DataColumn {
  header: string;
  /** Its colour in the chart; null for none. */
  slot: number | null;
}

/** Letters of a cell that stays on one line. */
const LONGEST_LINE = 32;

export function renderTableOf({ title, grid, remarks, isAlarm }: TableSection): Markup {
  return html`<section class="block${isAlarm ? " alarm" : ""}"><h3>${title}</h3>${grid === null ? NOTHING : renderGridTable(grid)}${remarks.map((remark) => html`<p class="remark">${remark}</p>`)}</section>`;
}

export function renderGridTable({ columns, rows }: Grid): Markup {
  const sides = columns.map(({ align }) => (align === "left" ? "left" : "right"));
  const heads = columns.map(
    ({ header }, at) => html`<th scope="col" class="${sides[at]!}">${joined(header)}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, at) => html`<td class="${sides[at]!}${cell.length > LONGEST_LINE ? " long" : ""}">${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Lines of a header as one text: `of re-` and `quests` are one word. */
function joined(header: readonly string[]): string {
  return header.reduce((text, line) => {
    return text.endsWith("-") ? text.slice(0, -1) + line : `${text} ${line}`;
  });
}

/** What the chart above it shows, in numbers; the pointer reads from it. */
export function renderData(
  summary: string,
  columns: readonly DataColumn[],
  rows: readonly DataRow[],
): Markup {
  const heads = columns.map(
    ({ header, slot }, at) =>
      html`<th scope="col" class="${at === 0 ? "left" : "right"}"${slot === null ? NOTHING : html` data-slot="${slot}"`}>${header}</th>`,
  );
  const body = rows.map(
    ({ cells, x }) =>
      html`<tr${x === null ? NOTHING : html` data-x="${x.toFixed(4)}"`}>${cells.map((cell, at) => (at === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`,
  );
  return html`<details class="data"><summary>${summary}</summary><div class="scroll tall" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div></details>`;
}
