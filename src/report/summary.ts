/**
 * Renders `--output summary`: the published tables and the judgement, or the cells of a suite that has
 * other rows, and the machine, on one screen.
 */
import { changesText } from "../result/change-words.ts";
import type { RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { grouped, labelled } from "../tables/labels.ts";
import { paintFor } from "../tables/paint.ts";
import { renderTableSection, type TableSection } from "../tables/table-section.ts";
import { printable } from "../text/visible.ts";
import type { ReportFormat, ReportOptions } from "./format.ts";
import { cellErrors, cellOf, cellsSection } from "./table/cells-section.ts";
import { errorsSection } from "./table/errors-section.ts";
import { renderExtras } from "./table/extras-section.ts";
import { renderJudgement } from "./table/judgement.ts";
import { areAllPublished, publishedSections } from "./table/published-table.ts";
import { renderSearches } from "./table/search-section.ts";
import { describeMachine } from "./table/what-was-run.ts";

export const summaryFormat: ReportFormat = { name: "summary", render };

function render(results: RunResult[], options: ReportOptions): string {
  if (results.length === 0) return "";
  const runs = labelled(shownInFull(results));
  const paint = paintFor(options.color);
  const inCells = areAllPublished(runs) ? [] : runs.filter(({ result }) => cellOf(result) !== null);
  const alone = runs.filter((run) => !inCells.includes(run));
  const shown = (all: readonly (TableSection | null)[]) =>
    all.flatMap((section) =>
      section === null ? [] : [renderTableSection(section, options, paint)],
    );
  const sections = [
    renderSearches(results, options, paint),
    ...(inCells.length === 0
      ? []
      : [...shown([cellsSection(inCells), cellErrors(inCells)]), noteOnChanges(results)]),
    ...(alone.length === 0
      ? []
      : [
          ...shown([...publishedSections(alone), errorsSection(alone)]),
          renderJudgement(alone, paint),
        ]),
    ...renderExtras(runs, options, paint),
    grouped(runs, describeMachine).join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** Of all runs together, whose own notes have no room here; empty where nothing changed. */
function noteOnChanges(results: readonly RunResult[]): string {
  const text = changesText(results);
  return text === null ? "" : `Note: ${printable(text)}`;
}
