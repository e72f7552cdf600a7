/** `--output` as each command takes it: with the names of the formats that can show what it makes. */
import type { Flag } from "../../flags/flag.ts";
import { OUTPUT } from "../../flags/output.ts";
import { like } from "../../flags/vocabulary.ts";
import type { ReportSubject } from "../../report/format.ts";
import { formatNames } from "../../report/formats.ts";

const RECEIVERS =
  "prometheus-rw=URL or otlp=URL: send the figures there each second while the run goes on";

interface OutputWords {
  /** The figures may go to a receiver, too. */
  streams?: boolean;
  /**
   * In bench.yaml only a section of the command gives it. So by default where nothing streams: files
   * that were named for the results of runs are not for what is shown or checked.
   */
  sectionOnly?: boolean;
  /** The format without the flag. */
  shownDefault?: string;
}

/** @param of what the command makes; null: whatever is saved; or the formats themselves */
export function outputFlag(
  of: ReportSubject["kind"] | null | readonly string[],
  { streams = false, sectionOnly = !streams, ...words }: OutputWords = {},
): Flag<readonly string[]> {
  const names = of === null || typeof of === "string" ? formatNames(of) : of;
  const list = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  const describe = `FORMAT[=FILE]: ${list}; to standard output without FILE`;
  return {
    ...like(OUTPUT, {
      ...{ describe: streams ? `${describe}; ${RECEIVERS}` : describe, sectionOnly },
      ...words,
    }),
    choices: names,
  };
}

/** What measures, and so may stream: a run. */
export const RUN_OUTPUT = outputFlag("results", { streams: true });
