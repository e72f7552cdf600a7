/** Defines the interface of every output format: pure functions of what was measured. */
import type { Comparison } from "../compare/schema.ts";
import type { Trend } from "../compare/trend/schema.ts";
import type { DoctorReport } from "../doctor/report-schema.ts";
import type { FailoverReport } from "../failover/report-schema.ts";
import type { Listing } from "../listing/listing.ts";
import type { MemoryReport } from "../memory/report-schema.ts";
import type { RunResult } from "../result/schema.ts";
import type { SoakReport } from "../soak/report-schema.ts";
import type { TableOptions } from "../tables/grid.ts";
import { printableData } from "../text/visible.ts";

export interface ReportOptions extends TableOptions {
  /** The table ends with its figures in full precision. */
  isPrecise?: boolean;
  /** The table ends with a row for each second. */
  hasSamples?: boolean;
  /** The table has all figures of the members. */
  hasMembers?: boolean;
}

export interface ReportFormat {
  /** As `--output` names it. */
  name: string;
  /** Text that ends in a newline. */
  render(results: RunResult[], options: ReportOptions): string;
  /** The same of a comparison; absent where the format has no words for one. */
  renderComparison?(comparison: Comparison, options: ReportOptions): string;
  renderTrend?(trend: Trend, options: ReportOptions): string;
  renderFailover?(report: FailoverReport, options: ReportOptions): string;
  renderSoak?(report: SoakReport, options: ReportOptions): string;
  renderMemory?(report: MemoryReport, options: ReportOptions): string;
  renderDoctor?(report: DoctorReport, options: ReportOptions): string;
  renderListing?(listing: Listing, options: ReportOptions): string;
}

/** What a report may be of. */
export type ReportSubject =
  | { kind: "results"; results: RunResult[] }
  | { kind: "comparison"; comparison: Comparison }
  | { kind: "trend"; trend: Trend }
  | { kind: "failover"; report: FailoverReport }
  | { kind: "soak"; report: SoakReport }
  | { kind: "memory"; report: MemoryReport }
  | { kind: "doctor"; report: DoctorReport }
  | { kind: "listing"; listing: Listing };

/** Whether the format can show such a thing. */
export function canRender(format: ReportFormat, kind: ReportSubject["kind"]): boolean {
  return rendererOf(format, kind) !== undefined;
}

/** What is known of a format before it is loaded. */
export interface FormatEntry {
  name: string;
  shows: readonly ReportSubject["kind"][];
  load(): Promise<ReportFormat>;
}

/**
 * What a server, a file or a label says is made printable before any format but JSON, which has its
 * own escapes and keeps the data, lays it out. Throws where the format cannot show the subject, which
 * `findFormat` has refused before.
 */
export function renderSubject(
  format: ReportFormat,
  given: ReportSubject,
  options: ReportOptions,
): string {
  const subject = format.name === "json" ? given : printableData(given);
  switch (subject.kind) {
    case "results":
      return format.render(subject.results, options);
    case "comparison":
      if (format.renderComparison === undefined) break;
      return format.renderComparison(subject.comparison, options);
    case "trend":
      if (format.renderTrend === undefined) break;
      return format.renderTrend(subject.trend, options);
    case "failover":
      if (format.renderFailover === undefined) break;
      return format.renderFailover(subject.report, options);
    case "soak":
      if (format.renderSoak === undefined) break;
      return format.renderSoak(subject.report, options);
    case "memory":
      if (format.renderMemory === undefined) break;
      return format.renderMemory(subject.report, options);
    case "doctor":
      if (format.renderDoctor === undefined) break;
      return format.renderDoctor(subject.report, options);
    case "listing":
      if (format.renderListing === undefined) break;
      return format.renderListing(subject.listing, options);
  }
  throw new Error(`${format.name} cannot show a ${subject.kind}`);
}

function rendererOf(format: ReportFormat, kind: ReportSubject["kind"]) {
  switch (kind) {
    case "results":
      return format.render;
    case "comparison":
      return format.renderComparison;
    case "trend":
      return format.renderTrend;
    case "failover":
      return format.renderFailover;
    case "soak":
      return format.renderSoak;
    case "memory":
      return format.renderMemory;
    case "doctor":
      return format.renderDoctor;
    case "listing":
      return format.renderListing;
  }
}
