/** Reads the keys among the flags and arguments of one command line into what plans hold. */
import { usageError } from "../errors.ts";
import type { Invocation } from "./from-flags.ts";
import { isTextKey, keyTextOf } from "./key-text.ts";
import type { PlanFlags } from "./plan-flags.ts";

/** Their keys are paths and names, made of the prefix and more text. */
const NAMED_BY_PREFIX: readonly Invocation["command"][] = ["lock", "election", "stm", "kubernetes"];

/** @throws BenchError (usage) that names the flag or argument whose octets are no key here */
export function withKeys<Given extends Invocation>(given: Given): Given {
  const flags: PlanFlags = { ...given.flags };
  const { prefix, "end-key": endKey } = flags;
  if (typeof prefix === "string") flags.prefix = prefixOf(given.command, prefix);
  if (endKey !== undefined) flags["end-key"] = keyTextOf("--end-key", endKey);
  if (!("key" in given)) return { ...given, flags };
  const key = given.key === null ? null : keyTextOf("the key", given.key);
  const end = given.end === null ? null : keyTextOf("the end", given.end);
  return { ...given, flags, key, end };
}

function prefixOf(command: Invocation["command"], text: string): string {
  const prefix = keyTextOf("--prefix", text);
  if (isTextKey(prefix) || !NAMED_BY_PREFIX.includes(command)) return prefix;
  throw usageError(
    `--prefix: ${command} makes names of it, which are text: give one in UTF-8 and without control characters`,
  );
}
