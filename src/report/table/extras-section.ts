/** Renders what --members, --precise and --sample add to a report. */

import type { LabelledRun } from "../../tables/labels.ts";
import type { Paint } from "../../tables/paint.ts";
import { renderTableSection } from "../../tables/table-section.ts";
import type { ReportOptions } from "../format.ts";
import { renderSamples } from "../samples.ts";
import { renderPrecise } from "./precise-section.ts";
import { memberSections } from "./server-section.ts";

export function renderExtras(
  runs: readonly LabelledRun[],
  options: ReportOptions,
  paint: Paint,
): string[] {
  const sections: string[] = [];
  if (options.hasMembers) {
    sections.push(
      ...memberSections(runs).map((section) => renderTableSection(section, options, paint)),
    );
  }
  if (options.isPrecise) sections.push(renderPrecise(runs, options, paint));
  if (options.hasSamples) {
    const rows = renderSamples(runs.map(({ result }) => result)).trimEnd();
    sections.push(`${paint.bold("Samples of a second")}\n${rows}`);
  }
  return sections;
}
