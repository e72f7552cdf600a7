/** Words what a plan of `bench range` reads, as reports describe it. */
import { formatNoun } from "../../text/noun.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import type { RangeWorkload } from "./schema.ts";

export function describeRange(plan: RangeWorkload): string {
  const { consistency, key, keySpace, keySizeBytes } = plan;
  const isNamed = key !== null && keySpace === null;
  return [
    `range ${consistency.join(" and ")}`,
    ...(isNamed || keySpace !== null ? [describeKeys(plan)] : []),
    ...(isNamed ? [] : [describeSizes(keySizeBytes, plan)]),
    ...describeAnswers(plan),
  ].join(", ");
}

function describeKeys({ key, end, prefix, limit, keySpace }: RangeWorkload): string {
  if (keySpace !== null) {
    const keys = formatNoun(keySpace.keySpaceSize, "key");
    if (prefix) return `of all of ${keys}`;
    return `${limit === null ? "" : "from "}one of ${keys}${describeOrder(keySpace)}`;
  }
  if (prefix) return key === "" ? "of all keys" : `of all keys with prefix ${JSON.stringify(key)}`;
  return `of ${JSON.stringify(key)}${end === null ? "" : ` to ${JSON.stringify(end)}`}`;
}

/** What makes the answers differ from whole ranges as they are stored. */
function describeAnswers({ limit, content, sort, fetch }: RangeWorkload): string[] {
  return [
    fetch === "whole" ? null : fetch === "pages" ? "in pages" : "as a stream",
    content === "all" ? null : content === "keys" ? "keys only" : "count only",
    limit === null ? null : `at most ${formatNoun(limit, "key")}`,
    sort === null ? null : `sorted by ${sort.by}, ${sort.order}ing`,
  ].filter((part) => part !== null);
}
