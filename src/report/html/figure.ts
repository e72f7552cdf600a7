/** Renders a chart with its panels under one x axis, their meaning, and their data. */
import { type DataColumn, type DataRow, renderData } from "./data-table.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import { type Plot, renderPlot } from "./plot.ts";

export interface Figure {
  title: string;
  /** What the reader needs to read it rightly. */
  caption: readonly string[];
  panels: readonly Plot[];
  /** The first column is the x axis. */
  columns: readonly DataColumn[];
  rows: readonly DataRow[];
}

export function renderFigure({ title, caption, panels, columns, rows }: Figure): Markup {
  if (panels.length === 0) return NOTHING;
  return html`<figure class="block chart"><h3>${title}</h3>
<div class="panels" tabindex="0" role="group" aria-label="${title}: move along it with the pointer or the arrow keys">${panels.map(renderPlot)}<div class="cursor" hidden></div><div class="tip" role="status" hidden></div></div>
<figcaption>${caption.map((line) => html`<p class="remark">${line}</p>`)}${renderData("Data of this chart", columns, rows)}</figcaption></figure>`;
}
