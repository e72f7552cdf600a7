/** The tables of a report of results, in their order, for every format that shows them all. */

import type { LabelledRun } from "../../tables/labels.ts";
import type { TableSection } from "../../tables/table-section.ts";
import { WORKLOAD_SECTIONS } from "../../workloads/sections.ts";
import { agentsSection } from "./agents-section.ts";
import { cellsSection } from "./cells-section.ts";
import { clientSection } from "./client-section.ts";
import { countersSection } from "./counters-section.ts";
import { endpointsSection } from "./endpoints-section.ts";
import { errorsSection } from "./errors-section.ts";
import { eventSections } from "./events-section.ts";
import { latencySection, requestsSection } from "./latency-section.ts";
import { profilesSection } from "./profiles-section.ts";
import { isAnyPublished, publishedSections } from "./published-table.ts";
import { receivedSection } from "./received-section.ts";
import { serverSection } from "./server-section.ts";
import { slowestSection } from "./slowest-section.ts";

export function resultSections(runs: readonly LabelledRun[]): TableSection[] {
  return [
    cellsSection(runs),
    // Of one run without a published row, the tables below have all of its figures.
    ...(runs.length > 1 || isAnyPublished(runs) ? publishedSections(runs) : []),
    latencySection(runs),
    endpointsSection(runs),
    requestsSection(runs),
    receivedSection(runs),
    ...eventSections(runs),
    ...WORKLOAD_SECTIONS.map((sectionOf) => sectionOf(runs)),
    countersSection(runs),
    errorsSection(runs),
    slowestSection(runs),
    serverSection(runs),
    profilesSection(runs),
    clientSection(runs),
    agentsSection(runs),
  ].filter((section) => section !== null);
}
