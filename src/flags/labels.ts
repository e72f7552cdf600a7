/** `--label KEY=VALUE`: what a user calls a run by, kept in its plan. */
import { flagError } from "../errors.ts";

/** @throws BenchError (usage) for what is no pair */
export function parseLabel(flag: string, text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1 || equals === text.length - 1) {
    throw flagError(
      flag.slice(2),
      `${flag}: ${JSON.stringify(text)} is not KEY=VALUE, e.g. ${flag}=commit=4f2a9c1`,
    );
  }
  return [text.slice(0, equals), text.slice(equals + 1)];
}

export function formatLabel([key, value]: readonly [string, string]): string {
  return `${key}=${value}`;
}
