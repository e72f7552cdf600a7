/** Reads results from text: one, or several in an array, as `--output json` prints them. */
import { usageError } from "../errors.ts";
import { type DocumentKind, parseDocument, parseJson } from "../result/document.ts";
import type { RunResult } from "../result/schema.ts";
import { RESULT_SCHEMA_VERSION } from "../result/schema-version.ts";
import { withReadableHistograms } from "./readable-histograms.ts";
import { runResultSchema } from "./schemas.ts";

const RESULT: DocumentKind<RunResult> = {
  what: "a result of bench",
  schemaVersion: RESULT_SCHEMA_VERSION,
  schema: withReadableHistograms(runResultSchema),
};

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseResults(text: string, file: string): RunResult[] {
  return parseResultData(parseJson(text, file), file);
}

/** As `parseResults`, of what is JSON. */
export function parseResultData(data: unknown, file: string): RunResult[] {
  if (!Array.isArray(data)) return [parseDocument(RESULT, data, file)];
  if (data.length === 0) throw usageError(`${file} has no result in it`);
  return data.map((each, at) => parseDocument(RESULT, each, file, `[${at}]`));
}
