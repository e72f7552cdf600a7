/** Owns `--label KEY=VALUE`: what a person calls a run by, kept in its plan. */
import { usageError } from "../errors.ts";

/** The last of a repeated key counts. @throws BenchError (usage) for what is no pair */
export function labelsOf(texts: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals < 1 || equals === text.length - 1) {
      throw usageError(
        `--label: ${JSON.stringify(text)} is not KEY=VALUE, e.g. --label=commit=4f2a9c1`,
      );
    }
    labels[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return labels;
}
