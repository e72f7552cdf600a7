/** Owns `--paginate` and `--stream`: how a range's answer is fetched. */
import { usageError } from "../../errors.ts";
import type { PlanFlags } from "../plan-flags.ts";
import type { RangeWorkload } from "../schema.ts";

/** Keys of a page, as upstream. */
const DEFAULT_PAGE_KEYS = 10_000;

type Fetch = Pick<RangeWorkload, "fetch" | "limit">;

/** @throws BenchError (usage) for what pages or streams cannot bring. */
export function fetchOf(
  flags: PlanFlags,
  { limit, content, sort }: Pick<RangeWorkload, "limit" | "content" | "sort">,
): Fetch {
  const { paginate: isPaged, stream: isStreamed } = flags;
  if (isPaged && isStreamed) {
    throw usageError("--paginate and --stream exclude each other: leave one of them out");
  }
  if (!isPaged && !isStreamed) return { fetch: "whole", limit };
  if (sort !== null) {
    const flag = isPaged ? "--paginate" : "--stream";
    throw usageError(`${flag} reads keys in their own order: leave --sort=${flags.sort} out`);
  }
  if (isStreamed) return { fetch: "stream", limit };
  if (content === "count") {
    throw usageError("--paginate and --count-only exclude each other: a count has no pages");
  }
  return { fetch: "pages", limit: limit ?? DEFAULT_PAGE_KEYS };
}
