/** Owns reading a saved Comparison from text: one error in one line for whatever is wrong. */
import { usageError } from "../errors.ts";
import { COMPARISON_SCHEMA_VERSION, type Comparison, comparisonSchema } from "./schema.ts";

/** Whether parsed JSON says of itself that it is a comparison, sound or not. */
export function isComparison(data: unknown): boolean {
  return (data as { kind?: unknown } | null)?.kind === "comparison";
}

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseComparison(data: unknown, file: string): Comparison {
  const version = (data as { schemaVersion?: unknown }).schemaVersion;
  if (typeof version === "number" && version > COMPARISON_SCHEMA_VERSION) {
    throw usageError(
      `${file} is a comparison of schemaVersion ${version}, and this bench reads up to ` +
        `${COMPARISON_SCHEMA_VERSION}: use the bench that wrote it, or a newer one`,
    );
  }
  const parsed = comparisonSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw usageError(`${file} is not a comparison of bench: ${path.join(".")}: ${message}`);
}
