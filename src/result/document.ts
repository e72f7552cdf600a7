/** Reads versioned JSON that bench has written; whatever is wrong becomes one error of one line. */
import type { z } from "zod";
import { usageError } from "../errors.ts";
import { reason } from "../system-error.ts";
import { readFoundFile } from "../text-file.ts";

export interface DocumentKind<T> {
  /** As in "FILE is not ...": `a result of bench`. */
  what: string;
  /** The newest that this bench reads. */
  schemaVersion: number;
  schema: z.ZodType<T>;
}

/** Of a file that bench names itself. @throws BenchError (usage) that names the file and what is wrong */
export async function readDocument<T>(kind: DocumentKind<T>, file: string): Promise<T> {
  return parseDocument(kind, parseJson(readFound(file), file), file);
}

/** The text of a file that bench names itself. @throws BenchError (usage) that names the file */
export function readFound(file: string): string {
  try {
    return readFoundFile(file);
  } catch (cause) {
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  }
}

/** Of a value that an error names; a damaged file may hold any. */
const MOST_SHOWN_CHARS = 60;

/** Editors of Windows begin a file with it; it says nothing of the content. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** @throws BenchError (usage) that names the file */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ""));
  } catch (cause) {
    throw usageError(`${file} is not JSON: ${(cause as Error).message}`, cause);
  }
}

/**
 * @param at where in the file the document is: `[2]`, or empty for all of it
 * @throws BenchError (usage) that names the file and what is wrong
 */
export function parseDocument<T>(
  { what, schemaVersion, schema }: DocumentKind<T>,
  data: unknown,
  file: string,
  at = "",
): T {
  const version = (data as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version > schemaVersion) {
    throw usageError(
      `${file} has schemaVersion ${version}, and this bench reads up to ${schemaVersion}: ` +
        "use the bench that wrote it, or a newer one",
    );
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const where = at + issue.path.map(step).join("");
  const value = issue.path.reduce<unknown>((part, name) => partOf(part, name), data);
  if (typeof version === "number" && isUnknownName(issue, value)) {
    throw usageError(
      `${file} has ${where.replace(/^\./, "")} "${value.slice(0, MOST_SHOWN_CHARS)}", which this bench does not know: ` +
        "use the bench that wrote it, or a newer one",
      parsed.error,
    );
  }
  const wrong = issue.message.replace(/^Invalid input: /, "");
  throw usageError(
    `${file} is not ${what}: ${where === "" ? "" : `${where.replace(/^\./, "")}: `}${wrong}`,
    parsed.error,
  );
}

/** A name that is none of those known: newer versions add some without a new `schemaVersion`. */
function isUnknownName({ code }: z.core.$ZodIssue, value: unknown): value is string {
  return typeof value === "string" && (code === "invalid_union" || code === "invalid_value");
}

function partOf(whole: unknown, name: PropertyKey): unknown {
  return (whole as Record<PropertyKey, unknown> | null | undefined)?.[name];
}

function step(part: PropertyKey): string {
  return typeof part === "number" ? `[${part}]` : `.${String(part)}`;
}
