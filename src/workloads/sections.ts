/** The sections that workloads add to a report, in their order. A new one is a line here. */
import type { LabelledRun } from "../tables/labels.ts";
import type { TableSection } from "../tables/table-section.ts";
import { availabilitySection } from "./availability/section.ts";
import { kubernetesSection } from "./kubernetes/section.ts";
import { fairnessSection } from "./parts/contention/section.ts";
import { watchSection } from "./parts/watching/section.ts";
import { stalenessSection } from "./staleness/section.ts";
import { catchUpSection } from "./watch-get/section.ts";

/** Null where no run has anything for it. */
type Section = (runs: readonly LabelledRun[]) => TableSection | null;

export const WORKLOAD_SECTIONS: readonly Section[] = [
  watchSection,
  fairnessSection,
  kubernetesSection,
  catchUpSection,
  stalenessSection,
  availabilitySection,
];
