/** Owns the registry of output formats. A new format is one file and one line here. */
import { distance } from "fastest-levenshtein";
import { usageError } from "../errors.ts";
import { bencherFormat } from "./bencher.ts";
import { benchstatFormat } from "./benchstat.ts";
import { csvFormat } from "./csv.ts";
import { canRender, type ReportFormat, type ReportSubject } from "./format.ts";
import { githubBiggerFormat, githubSmallerFormat } from "./github-action-benchmark.ts";
import { hlogFormat } from "./hdr-log.ts";
import { hgrmFormat } from "./hgrm.ts";
import { htmlFormat } from "./html.ts";
import { jsonFormat } from "./json.ts";
import { junitFormat } from "./junit.ts";
import { markdownFormat } from "./markdown.ts";
import { openmetricsFormat } from "./openmetrics.ts";
import { perfdashFormat } from "./perfdash.ts";
import { sampleFormat } from "./samples.ts";
import { summaryFormat } from "./summary.ts";
import { tableFormat } from "./table.ts";

export const REPORT_FORMATS: readonly ReportFormat[] = [
  tableFormat,
  summaryFormat,
  markdownFormat,
  htmlFormat,
  jsonFormat,
  csvFormat,
  sampleFormat,
  perfdashFormat,
  junitFormat,
  benchstatFormat,
  githubSmallerFormat,
  githubBiggerFormat,
  bencherFormat,
  openmetricsFormat,
  hgrmFormat,
  hlogFormat,
];

/**
 * Throws a usage error that names the nearest format, or those that can show such a thing; null for a
 * thing not known yet.
 */
export function findFormat(
  name: string,
  kind: ReportSubject["kind"] | null = "results",
): ReportFormat {
  const able = REPORT_FORMATS.filter((format) => kind === null || canRender(format, kind));
  const found = able.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = able.map((format) => format.name);
  if (REPORT_FORMATS.some((format) => format.name === name)) {
    throw usageError(`--output: ${name} cannot show a ${kind}; take one of ${names.join(", ")}`);
  }
  const nearest = names.toSorted((a, b) => distance(name, a) - distance(name, b))[0]!;
  throw usageError(
    `--output: there is no format ${JSON.stringify(name)}; did you mean ${nearest}? ` +
      `(${names.join(", ")})`,
  );
}
