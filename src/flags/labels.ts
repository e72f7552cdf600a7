/** `--label KEY=VALUE`: what a user calls a run by, kept in its plan. */
import { flagError } from "../errors.ts";

/** Of JavaScript's objects, not of what they hold: it is lost where a file is read. */
const LOST_KEY = "__proto__";

/** @throws BenchError (usage) for what is no pair, and for a name that is lost */
export function parseLabel(flag: string, text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1 || equals === text.length - 1) {
    throw flagError(
      flag.slice(2),
      `${flag}: ${JSON.stringify(text)} is not KEY=VALUE, e.g. ${flag}=commit=4f2a9c1`,
    );
  }
  const key = text.slice(0, equals);
  if (key === LOST_KEY) {
    throw flagError(
      flag.slice(2),
      `${flag}: ${key} is a name that no result can keep; choose another name`,
    );
  }
  return [key, text.slice(equals + 1)];
}

export function formatLabel([key, value]: readonly [string, string]): string {
  return `${key}=${value}`;
}
