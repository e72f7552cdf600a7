/** One flag that a file or a variable gives, and how its text becomes the flag's value. */
import { BenchError, usageError } from "../../errors.ts";
import type { Flag, GivenFlags } from "../../flags/flag.ts";
import { readSwitch } from "../argv/argv.ts";

export interface Setting {
  /** Of the flag, without dashes. */
  readonly name: string;
  /** As they were written; several only where a list was. */
  readonly texts: readonly string[];
  /** `bench.yaml:3:8` or `BENCH_CONNS`. */
  readonly origin: string;
}

/**
 * What the flag gets; undefined where the setting turns an optional flag off.
 * @throws BenchError (usage) that begins with the origin
 */
export function settingValue(flag: Flag, setting: Setting): GivenFlags[string] {
  const { name, texts, origin } = setting;
  if (texts.length !== 1 && !flag.repeatable && !flag.isList) {
    throw usageError(`${origin}: --${name} takes one value, and this is a list`);
  }
  const value = withOrigin(origin, () => untested(flag, texts));
  if (value !== undefined) withOrigin(origin, () => flag.read({ [name]: value }));
  return value;
}

/** Adds the origin to an error of a flag's value. */
export function withOrigin<T>(origin: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    throw new BenchError(`${origin}: ${cause.message}`, cause.exitCode, { cause });
  }
}

function untested(flag: Flag, texts: readonly string[]): GivenFlags[string] {
  if (flag.repeatable) return texts;
  if (flag.isList) return texts.join(",");
  const [text] = texts;
  if (flag.kind === "switch") return readSwitch(`--${flag.name}`, text!);
  if (flag.kind === "optional" && text === "true") return flag.bareValue ?? "";
  if (flag.kind === "optional" && text === "false") return undefined;
  return text;
}
