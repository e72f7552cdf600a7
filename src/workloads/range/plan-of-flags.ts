/** Makes the plan of `bench range` from its flags: which keys are read, and how they are fetched. */
import { flagError, usageError } from "../../errors.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import { keyBytes } from "../../plan/key-text.ts";
import type { PlanContext } from "../../plan/plannable.ts";
import { oneValueSizeOf, valuesOf } from "../../plan/values.ts";
import { keySpaceOf, SIZE_FLAGS } from "../parts/flags/key-space.ts";
import { FLAGS, type Flags } from "./flags.ts";
import type { RangeWorkload } from "./schema.ts";

/** Keys of a page, as upstream. */
const DEFAULT_PAGE_KEYS = 10_000;

/** @throws BenchError (usage) for flags that exclude each other, or that mean no range */
export function rangePlan(flags: Flags, { args, given, load, note }: PlanContext): RangeWorkload {
  const { prefix, keySizeBytes, sort } = flags;
  const key = args[0] ?? null;
  // As upstream: a script's empty variable names no end.
  const end = args[1] || null;
  if (key === "" && !prefix) {
    throw usageError('range: the key is empty; etcd has no such key, e.g. "range foo"');
  }
  const content = contentOf(flags, given, note);
  const fetch = fetchOf(flags, content, given);
  if (fetch.fetch === "stream" && load.transport === "gateway") {
    throw flagError(
      "stream",
      "--stream and --transport=gateway exclude each other: etcd's grpc-gateway has no RangeStream; " +
        "leave one of them out",
    );
  }
  const keySpace = rangeKeySpaceOf(flags, { key, end, ...fetch }, given, note);
  if (prefix && end !== null) {
    note("--prefix reads all keys that start with the key: the end is left out, as upstream");
  }
  const putsNothing = keySpace === null && (key !== null || prefix);
  for (const { name } of Object.values(SIZE_FLAGS)) {
    if (putsNothing && given[name] !== undefined) {
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
      `the end ${JSON.stringify(end)} does not come after the key ${JSON.stringify(key)}: the range is empty`,
    );
  }
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
      ? {
          valSizeBytes: oneValueSizeOf(flags.valSize, putsNothing ? () => {} : note),
          valueSize: null,
        }
      : valuesOf(flags.valSize, { keySizeBytes }, note)),
    consistency: flags.consistency,
  };
}

function contentOf(
  { keysOnly, countOnly }: Flags,
  given: PlanContext["given"],
  note: PlanContext["note"],
): RangeWorkload["content"] {
  if (keysOnly && countOnly) {
    throw flagError(
      "keys-only",
      "--keys-only and --count-only exclude each other, as upstream: leave one of them out",
    );
  }
  if (!countOnly) return keysOnly ? "keys" : "all";
  for (const { name } of [FLAGS.limit, FLAGS.sort]) {
    if (given[name] !== undefined)
      note(`--${name} has no effect with --count-only: no key is sent`);
  }
  return "count";
}

/** @throws BenchError (usage) for what pages or streams cannot bring */
function fetchOf(
  { isPaged, isStreamed, sort, limit: most }: Flags,
  content: RangeWorkload["content"],
  given: PlanContext["given"],
): Pick<RangeWorkload, "fetch" | "limit"> {
  const limit = most === 0 ? null : most;
  if (isPaged && isStreamed) {
    throw flagError(
      "paginate",
      "--paginate and --stream exclude each other: leave one of them out",
    );
  }
  if (!isPaged && !isStreamed) return { fetch: "whole", limit };
  const { name } = isPaged ? FLAGS.isPaged : FLAGS.isStreamed;
  if (sort !== null) {
    throw flagError(
      name,
      `--${name} reads keys in their own order: leave --sort=${given.sort} out`,
    );
  }
  if (isStreamed) return { fetch: "stream", limit };
  if (content === "count") {
    throw flagError(name, "--paginate and --count-only exclude each other: a count has no pages");
  }
  return { fetch: "pages", limit: limit ?? DEFAULT_PAGE_KEYS };
}

type Asked = Pick<RangeWorkload, "key" | "end" | "limit" | "fetch">;

/**
 * Null without `--key-space-size`: the keys to read are there, or are one.
 * @throws BenchError (usage) for what reads of drawn keys, or of all, cannot mean
 */
function rangeKeySpaceOf(
  flags: Flags,
  asked: Asked,
  given: PlanContext["given"],
  note: PlanContext["note"],
): KeySpace | null {
  const ofChoice = [
    [FLAGS.popularity.name, flags.popularity !== null],
    [FLAGS.sequential.name, flags.sequential],
  ] as const;
  const chosen = ofChoice.find(([, isGiven]) => isGiven)?.[0];
  if (flags.keySpaceSize === null) {
    if (chosen === undefined) return null;
    throw flagError(
      chosen,
      `--${chosen} is of keys that the run puts: give --key-space-size=1000 or another number of them`,
    );
  }
  const isAll = flags.prefix;
  if (asked.end !== null || (asked.key !== null && !isAll)) {
    throw flagError(
      "key-space-size",
      "--key-space-size reads keys that the run puts, and KEY and END name others: leave one of them " +
        "out; with --prefix KEY comes first in every key",
    );
  }
  if (!isAll) checkDrawn(flags, asked, given, note);
  else if (chosen !== undefined) {
    throw flagError(
      "prefix",
      `--prefix and --${chosen} exclude each other: with --prefix each range is of all the keys, and none ` +
        "is chosen; leave one of them out",
    );
  }
  const space = { ...flags, prefix: asked.key ?? "", encoding: "fixed" as const };
  return keySpaceOf(space, flags.sequential);
}

function checkDrawn(
  { sort }: Flags,
  { limit, fetch }: Asked,
  given: PlanContext["given"],
  note: PlanContext["note"],
): void {
  if (fetch !== "whole") {
    const { name } = fetch === "pages" ? FLAGS.isPaged : FLAGS.isStreamed;
    throw flagError(
      name,
      `--${name} reads many keys, and with --key-space-size each range is of one: give --prefix, ` +
        `which makes it one of all the keys, or leave --${name} out`,
    );
  }
  if (sort !== null && limit === null) {
    note(`--sort=${given.sort} has no effect: each range is of one key (--limit makes it longer)`);
  }
}
