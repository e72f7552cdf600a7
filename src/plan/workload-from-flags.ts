/**
 * Owns what is sent: the flags of put and range, and range's key and end, read into a workload.
 * Called by from-flags, with the total that an ordered key space takes its size from.
 */
import { usageError } from "../errors.ts";
import { assertKeysFit, keyCapacity } from "./key-capacity.ts";
import { keySizeOf } from "./key-size.ts";
import { keyBytes } from "./key-text.ts";
import { choiceOf, countOf, type PlanFlags, textOf } from "./plan-flags.ts";
import type { Consistency, PutWorkload, RangeSort, RangeWorkload } from "./schema.ts";
import { badValue } from "./units.ts";
import { valuesOf } from "./values.ts";
import { popularityOf } from "./workload/popularity.ts";
import { fetchOf } from "./workload/range-fetch.ts";
import { rangeKeySpaceOf } from "./workload/range-key-space.ts";

/** Ordered keys of a run without a total: more than a run of days writes. */
const UNBOUNDED_KEY_SPACE = 2 ** 31;

export function putFromFlags(
  flags: PlanFlags,
  totalRequests: number | null,
  note: (line: string) => void,
): PutWorkload {
  const sequential = flags["sequential-keys"] ?? false;
  const keySizeBytes = keySizeOf(flags);
  const encoding = choiceOf(flags, "key-encoding", ["fixed", "varint"]);
  const prefix = textOf(flags, "prefix");
  let keySpaceSize = countOf(flags, "key-space-size", Number.MAX_SAFE_INTEGER);
  let spaceFlag = "--key-space-size";
  if (sequential && flags["key-space-size"] === undefined) {
    const freeBytes = keySizeBytes - keyBytes(prefix).length;
    keySpaceSize =
      totalRequests ?? Math.max(1, Math.min(UNBOUNDED_KEY_SPACE, keyCapacity(encoding, freeBytes)));
    spaceFlag = "--sequential-keys with --total and no --key-space-size";
    note(
      `--sequential-keys without --key-space-size writes up to ${keySpaceSize} distinct keys; ` +
        "upstream's tool would write one key over and over (--key-space-size=1 does the same here)",
    );
  }
  const popularity = popularityOf(flags, sequential);
  const keys = { keySizeBytes, keySpaceSize, sequential, popularity, prefix, encoding };
  assertKeysFit(keys, spaceFlag);
  return { kind: "put", keys, ...valuesOf(flags, { keySizeBytes }, note) };
}

export function rangeFromFlags(
  flags: PlanFlags,
  key: string | null,
  end: string | null,
  note: (line: string) => void,
): RangeWorkload {
  const prefix = flags.prefix === true;
  if (key === "" && !prefix) {
    throw usageError('range: the key is empty; etcd has no such key, e.g. "range foo"');
  }
  const content = contentOf(flags, note);
  const sort = sortOf(flags);
  const fetch = fetchOf(flags, { limit: limitOf(flags), content, sort });
  const keySpace = rangeKeySpaceOf(flags, { key, end, sort, ...fetch }, note);
  if (prefix && end !== null) {
    note("--prefix reads all keys that start with the key: the end is left out, as upstream");
  }
  const putsNothing = keySpace === null && (key !== null || prefix);
  for (const name of ["key-size", "val-size"] as const) {
    if (putsNothing && flags[name] !== undefined) {
      note(`--${name} has no effect on a range of a key that you name: nothing is put`);
    }
  }
  if (
    !prefix &&
    key !== null &&
    end !== null &&
    Buffer.compare(keyBytes(end), keyBytes(key)) <= 0
  ) {
    note(
      `the end ${JSON.stringify(end)} does not lie behind the key ${JSON.stringify(key)}: the range is empty`,
    );
  }
  const keySizeBytes = keySizeOf(flags);
  return {
    kind: "range",
    // As upstream, --prefix without a key reads every key there is.
    key: prefix ? (key ?? "") : key,
    end: prefix ? null : end,
    prefix,
    ...fetch,
    content,
    sort,
    keySpace,
    keySizeBytes,
    ...(keySpace === null
      ? { valSizeBytes: valSizeOf(flags, putsNothing ? () => {} : note), valueSize: null }
      : valuesOf(flags, { keySizeBytes }, note)),
    consistency: consistencyOf(flags),
  };
}

/** As upstream, 0 is no limit. */
export function limitOf(flags: PlanFlags): number | null {
  const limit = countOf(flags, "limit", Number.MAX_SAFE_INTEGER, 0);
  return limit === 0 ? null : limit;
}

function contentOf(flags: PlanFlags, note: (line: string) => void): RangeWorkload["content"] {
  if (flags["keys-only"] && flags["count-only"]) {
    throw usageError(
      "--keys-only and --count-only exclude each other, as upstream: leave one of them out",
    );
  }
  if (!flags["count-only"]) return flags["keys-only"] ? "keys" : "all";
  for (const name of ["limit", "sort"] as const) {
    if (flags[name] !== undefined)
      note(`--${name} has no effect with --count-only: no key is sent`);
  }
  return "count";
}

const SORT_KEYS = ["key", "version", "create", "mod", "value"] as const;
const ORDERS = new Map([
  ["ascend", "ascend"],
  ["asc", "ascend"],
  ["descend", "descend"],
  ["desc", "descend"],
] as const);

/** `BY[:ORDER]`, as `mod:descend`. */
function sortOf({ sort: text }: PlanFlags): RangeSort | null {
  if (text === undefined || text === "none") return null;
  const [word, orderWord = "ascend", ...more] = text.toLowerCase().split(":");
  const by = SORT_KEYS.find((each) => each === word);
  const order = ORDERS.get(orderWord as "asc");
  if (by === undefined || order === undefined || more.length > 0) {
    throw badValue(
      "--sort",
      text,
      `${SORT_KEYS.join(", ")} or none, with :ascend or :descend behind it`,
      "mod:descend",
    );
  }
  return { by, order };
}

const CONSISTENCY_BY_WORD: ReadonlyMap<string, Consistency> = new Map([
  ["l", "linearizable"],
  ["linearizable", "linearizable"],
  ["s", "serializable"],
  ["serializable", "serializable"],
]);

export function consistencyOf(flags: PlanFlags): Consistency[] {
  const text = textOf(flags, "consistency");
  const words = text.split(",").map((word) => CONSISTENCY_BY_WORD.get(word.trim()));
  const found = words.filter((word) => word !== undefined);
  if (found.length < words.length || new Set(found).size < found.length) {
    throw usageError(
      `--consistency: ${JSON.stringify(text)} is not l (linearizable), s (serializable) or both, ` +
        "e.g. --consistency=l,s",
    );
  }
  return found;
}

/** For what puts values of one size. @throws BenchError (usage) for a distribution too */
export function valSizeOf(flags: PlanFlags, note: (line: string) => void): number {
  const { valSizeBytes, valueSize } = valuesOf(flags, { keySizeBytes: 0 }, note);
  if (valueSize === null) return valSizeBytes;
  throw usageError(
    `--val-size=${flags["val-size"]} is a distribution, and here all values have one size: give one, ` +
      "e.g. --val-size=256",
  );
}
