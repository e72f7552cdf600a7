/** Owns the interface that every output format stands behind: a pure function of results. */
import type { RunResult } from "../result/schema.ts";

export interface ReportOptions {
  /** Whether ANSI colour may be used; the caller knows the stream and the environment. */
  color: boolean;
  /** Of the terminal; null where there is none, and no line needs to fit. */
  widthColumns: number | null;
  /** The table ends with its figures in full precision. */
  isPrecise?: boolean;
  /** The table ends with a row for each second. */
  hasSamples?: boolean;
}

export interface ReportFormat {
  /** As `--output` names it. */
  name: string;
  /** Text that ends in a newline. */
  render(results: RunResult[], options: ReportOptions): string;
}
