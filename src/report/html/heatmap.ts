/** Renders a heatmap: a table whose cells show their values and are coloured by them. */
import { html, type Markup } from "./markup.ts";
import { HEAT_STEPS } from "./theme.ts";

export interface Heatmap {
  title: string;
  /** What the rows and the columns are of. */
  rowName: string;
  columnName: string;
  rows: readonly string[];
  columns: readonly string[];
  /** By row, then column; null where nothing was measured. */
  values: readonly (readonly (number | null)[])[];
  /** Of the colours: those of all maps that are looked at together. */
  range: HeatRange;
  cell(value: number | null): string;
}

export interface HeatRange {
  min: number;
  max: number;
}

/** A range this wide is coloured by factors, not by differences. */
const LOG_FROM = 8;

export function renderHeatmap(map: Heatmap): Markup {
  const { title, rowName, columnName, rows, columns, values, range, cell } = map;
  const body = rows.map(
    (row, at) =>
      html`<tr><th scope="row">${row}</th>${values[at]!.map((value) => (value === null ? html`<td>-</td>` : html`<td class="h${heatStep(value, range)}">${cell(value)}</td>`))}</tr>`,
  );
  const ramp = Array.from({ length: HEAT_STEPS }, (_, at) => html`<i class="h${at}"></i>`);
  return html`<div class="map"><h4>${title}</h4><div class="scroll" tabindex="0"><table class="heat">
<thead><tr><th class="corner">${rowName} \\ ${columnName}</th>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>
<p class="ramp">${cell(range.min)}<span>${ramp}</span>${cell(range.max)}</p></div>`;
}

export function rangeOf(values: readonly (number | null)[]): HeatRange | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : { min: Math.min(...known), max: Math.max(...known) };
}

/** From 0; as many steps as the theme has colours. */
export function heatStep(value: number, { min, max }: HeatRange): number {
  const isLog = min > 0 && max / min >= LOG_FROM;
  const of = isLog ? Math.log : (each: number) => each;
  const share = max > min ? (of(value) - of(min)) / (of(max) - of(min)) : 0;
  return Math.max(0, Math.min(HEAT_STEPS - 1, Math.floor(share * HEAT_STEPS)));
}
