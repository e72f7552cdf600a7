/** Owns `--key-space-size` of range: the keys that the run puts itself, and what goes with them. */
import { usageError } from "../../errors.ts";
import type { PlanFlags } from "../plan-flags.ts";
import type { KeySpace, RangeWorkload } from "../schema.ts";
import { keySpaceOf } from "./key-space-flags.ts";

type Asked = Pick<RangeWorkload, "key" | "end" | "limit" | "fetch" | "sort">;

/**
 * Null without `--key-space-size`: the keys to read are there, or are one.
 * @throws BenchError (usage) for what reads of drawn keys, or of all, cannot mean.
 */
export function rangeKeySpaceOf(
  flags: PlanFlags,
  asked: Asked,
  note: (line: string) => void,
): KeySpace | null {
  if (flags["key-space-size"] === undefined) {
    for (const name of ["popularity", "sequential-keys"] as const) {
      if (flags[name] === undefined || flags[name] === false) continue;
      throw usageError(
        `--${name} is of keys that the run puts: give --key-space-size=1000 or another number of them`,
      );
    }
    return null;
  }
  const isAll = flags.prefix === true;
  if (asked.end !== null || (asked.key !== null && !isAll)) {
    throw usageError(
      "--key-space-size reads keys that the run puts, and KEY and END name others: leave one of them " +
        "out; with --prefix KEY stands before every key",
    );
  }
  if (isAll) refuseOrder(flags);
  else checkDrawn(flags, asked, note);
  const sequential = flags["sequential-keys"] ?? false;
  return keySpaceOf({ ...flags, prefix: asked.key ?? "" }, { sequential });
}

function refuseOrder(flags: PlanFlags): void {
  for (const name of ["popularity", "sequential-keys"] as const) {
    if (flags[name] === undefined || flags[name] === false) continue;
    throw usageError(
      `--prefix and --${name} exclude each other: with --prefix each range is of all the keys, and none ` +
        "is chosen; leave one of them out",
    );
  }
}

function checkDrawn(
  flags: PlanFlags,
  { limit, fetch, sort }: Asked,
  note: (line: string) => void,
): void {
  if (fetch !== "whole") {
    const flag = fetch === "pages" ? "--paginate" : "--stream";
    throw usageError(
      `${flag} reads many keys, and with --key-space-size each range is of one: give --prefix, ` +
        `which makes it one of all the keys, or leave ${flag} out`,
    );
  }
  if (sort !== null && limit === null) {
    note(`--sort=${flags.sort} has no effect: each range is of one key (--limit makes it longer)`);
  }
}
