/** Owns reading a saved Trend from parsed JSON: one error in one line for whatever is wrong. */
import { usageError } from "../../errors.ts";
import { TREND_SCHEMA_VERSION, type Trend, trendSchema } from "./schema.ts";

/** Whether parsed JSON says of itself that it is a trend, sound or not. */
export function isTrend(data: unknown): boolean {
  return (data as { kind?: unknown } | null)?.kind === "trend";
}

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseTrend(data: unknown, file: string): Trend {
  const version = (data as { schemaVersion?: unknown }).schemaVersion;
  if (typeof version === "number" && version > TREND_SCHEMA_VERSION) {
    throw usageError(
      `${file} is a trend of schemaVersion ${version}, and this bench reads up to ` +
        `${TREND_SCHEMA_VERSION}: use the bench that wrote it, or a newer one`,
    );
  }
  const parsed = trendSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw usageError(`${file} is not a trend of bench: ${path.join(".")}: ${message}`);
}
