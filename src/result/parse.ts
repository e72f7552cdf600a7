/** Owns reading results from text: one error in one line for whatever is wrong with a file. */
import { usageError } from "../errors.ts";
import { RESULT_SCHEMA_VERSION, type RunResult, runResultSchema } from "./schema.ts";

/**
 * One result, or several in an array, as `--output json` prints them. Throws a usage error that
 * names the file and what is wrong.
 */
export function parseResults(text: string, file: string): RunResult[] {
  return parseResultData(parseJson(text, file), file);
}

/** @throws BenchError (usage) that names the file */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw usageError(`${file} is not JSON: ${(cause as Error).message}`, cause);
  }
}

/** As `parseResults`, of what is JSON. */
export function parseResultData(data: unknown, file: string): RunResult[] {
  if (!Array.isArray(data)) return [parseResult(data, file, "")];
  if (data.length === 0) throw usageError(`${file} has no result in it`);
  return data.map((each, at) => parseResult(each, file, `[${at}]`));
}

function parseResult(data: unknown, file: string, at: string): RunResult {
  const version = (data as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version > RESULT_SCHEMA_VERSION) {
    throw usageError(
      `${file} has schemaVersion ${version}, and this bench reads up to ${RESULT_SCHEMA_VERSION}: ` +
        "use the bench that wrote it, or a newer one",
    );
  }
  const parsed = runResultSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const where = at + issue.path.map(step).join("");
  const what = issue.message.replace(/^Invalid input: /, "");
  throw usageError(
    `${file} is not a result of bench: ${where === "" ? "" : `${where.replace(/^\./, "")}: `}${what}`,
    parsed.error,
  );
}

function step(part: PropertyKey): string {
  return typeof part === "number" ? `[${part}]` : `.${String(part)}`;
}
