/** Owns which tables a report of results has, and their order, in every format that shows them all. */

import type { LabelledRun } from "../../tables/labels.ts";
import type { TableSection } from "../../tables/table-section.ts";
import { catchUpSection } from "./catch-up-section.ts";
import { cellsSection } from "./cells-section.ts";
import { clientSection } from "./client-section.ts";
import { fairnessSection } from "./contention-section.ts";
import { countersSection } from "./counters-section.ts";
import { errorsSection } from "./errors-section.ts";
import { eventSections } from "./events-section.ts";
import { kubernetesSection } from "./kubernetes-section.ts";
import { latencySection, requestsSection } from "./latency-section.ts";
import { publishedSections } from "./published-table.ts";
import { receivedSection } from "./received-section.ts";
import { serverSection } from "./server-section.ts";
import { stalenessSection } from "./staleness-section.ts";
import { watchSection } from "./watch-section.ts";

export function resultSections(runs: readonly LabelledRun[]): TableSection[] {
  return [
    cellsSection(runs),
    ...publishedSections(runs),
    requestsSection(runs),
    latencySection(runs),
    receivedSection(runs),
    ...eventSections(runs),
    watchSection(runs),
    fairnessSection(runs),
    kubernetesSection(runs),
    catchUpSection(runs),
    stalenessSection(runs),
    countersSection(runs),
    errorsSection(runs),
    serverSection(runs),
    clientSection(runs),
  ].filter((section) => section !== null);
}
