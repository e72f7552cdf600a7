/** The registry of output formats. A new format is one file and one line here. */
import { usageError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";
import type { FormatEntry, ReportFormat, ReportSubject } from "./format.ts";

type Kind = ReportSubject["kind"];

const RESULTS: readonly Kind[] = ["results"];
const COMPARED: readonly Kind[] = ["results", "comparison", "failover"];
const EVERYTHING: readonly Kind[] = [
  "results",
  "comparison",
  "trend",
  "failover",
  "soak",
  "memory",
  "doctor",
  "listing",
];

/** Each is loaded when something is printed in it. */
export const REPORT_FORMATS: readonly FormatEntry[] = [
  entry("table", EVERYTHING, async () => (await import("./table.ts")).tableFormat),
  entry("summary", RESULTS, async () => (await import("./summary.ts")).summaryFormat),
  entry("markdown", EVERYTHING, async () => (await import("./markdown.ts")).markdownFormat),
  entry(
    "html",
    ["results", "comparison", "trend", "failover", "soak", "doctor"],
    async () => (await import("./html.ts")).htmlFormat,
  ),
  entry("json", EVERYTHING, async () => (await import("./json.ts")).jsonFormat),
  entry("csv", ["results", "failover"], async () => (await import("./csv.ts")).csvFormat),
  entry("sample", RESULTS, async () => (await import("./samples.ts")).sampleFormat),
  entry("members", RESULTS, async () => (await import("./members.ts")).membersFormat),
  entry("agents", RESULTS, async () => (await import("./agents.ts")).agentsFormat),
  entry("perfdash", RESULTS, async () => (await import("./perfdash.ts")).perfdashFormat),
  entry("junit", [...COMPARED, "doctor"], async () => (await import("./junit.ts")).junitFormat),
  entry("benchstat", COMPARED, async () => (await import("./benchstat.ts")).benchstatFormat),
  entry(
    "github-smaller",
    COMPARED,
    async () => (await import("./github-action-benchmark.ts")).githubSmallerFormat,
  ),
  entry(
    "github-bigger",
    COMPARED,
    async () => (await import("./github-action-benchmark.ts")).githubBiggerFormat,
  ),
  entry("bencher", COMPARED, async () => (await import("./bencher.ts")).bencherFormat),
  entry("openmetrics", COMPARED, async () => (await import("./openmetrics.ts")).openmetricsFormat),
  entry("hgrm", RESULTS, async () => (await import("./hgrm.ts")).hgrmFormat),
  entry("hlog", RESULTS, async () => (await import("./hdr-log.ts")).hlogFormat),
];

function entry(
  name: string,
  shows: readonly Kind[],
  load: () => Promise<ReportFormat>,
): FormatEntry {
  return { name, shows, load };
}

/** Of those that can show such a thing; null: of all. */
export function formatNames(kind: Kind | null): string[] {
  return formatsFor(kind).map(({ name }) => name);
}

function formatsFor(kind: Kind | null): FormatEntry[] {
  return REPORT_FORMATS.filter(({ shows }) => kind === null || shows.includes(kind));
}

/** Names that etcdctl, Prometheus and editors have, by which a word like one of ours is not meant. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["simple", "table"],
  ["fields", "table"],
  ["text", "table"],
  ["txt", "table"],
  ["md", "markdown"],
  ["prometheus", "openmetrics"],
]);

/**
 * Throws a usage error that names the nearest format, or those that can show such a thing; null for a
 * thing not known yet.
 */
export function findFormat(name: string, kind: Kind | null = "results"): FormatEntry {
  const able = formatsFor(kind);
  const found = able.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = able.map((format) => format.name);
  if (REPORT_FORMATS.some((format) => format.name === name)) {
    throw usageError(`--output: ${name} cannot show a ${kind}; take one of ${names.join(", ")}`);
  }
  const written = name.toLowerCase();
  const elsewhere = names.find((each) => each === ELSEWHERE.get(written));
  const nearest = elsewhere ?? nearestName(written, names);
  const guess = nearest === null ? "take one of" : `did you mean ${nearest}?`;
  throw usageError(
    `--output: there is no format ${JSON.stringify(name)}; ${guess} (${names.join(", ")})`,
  );
}
