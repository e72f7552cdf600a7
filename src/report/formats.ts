/** Owns the registry of output formats. A new format is one file and one line here. */
import { distance } from "fastest-levenshtein";
import { usageError } from "../errors.ts";
import { csvFormat } from "./csv.ts";
import type { ReportFormat } from "./format.ts";
import { jsonFormat } from "./json.ts";
import { perfdashFormat } from "./perfdash.ts";
import { sampleFormat } from "./samples.ts";
import { summaryFormat } from "./summary.ts";
import { tableFormat } from "./table.ts";

export const REPORT_FORMATS: readonly ReportFormat[] = [
  tableFormat,
  summaryFormat,
  jsonFormat,
  csvFormat,
  sampleFormat,
  perfdashFormat,
];

/** Throws a usage error that names the nearest format. */
export function findFormat(name: string): ReportFormat {
  const found = REPORT_FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = REPORT_FORMATS.map((format) => format.name);
  const nearest = names.toSorted((a, b) => distance(name, a) - distance(name, b))[0]!;
  throw usageError(
    `--output: there is no format ${JSON.stringify(name)}; did you mean ${nearest}? ` +
      `(${names.join(", ")})`,
  );
}
