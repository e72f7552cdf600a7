/** `bench range [key [end]]`: reads of a key or a range of keys. */

import { flagError, usageError } from "../../errors.ts";
import type { Read } from "../../flags/flag.ts";
import { like, optional, parsed, toggle } from "../../flags/vocabulary.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import { keyBytes } from "../../plan/key-text.ts";
import type { PlanContext } from "../../plan/plannable.ts";
import { oneValueSizeOf, valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { badValue } from "../../units.ts";
import { defineWorkload } from "../definition.ts";
import { CONSISTENCIES } from "../parts/flags/consistency.ts";
import {
  CLEANUP,
  KEY_SPACE_SIZE,
  keySpaceFlagsOf,
  keySpaceOf,
  POPULARITY,
  SEQUENTIAL_KEYS,
  SIZE_FLAGS,
} from "../parts/flags/key-space.ts";
import { LIMIT } from "../parts/flags/limit.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import { type RangeSort, type RangeWorkload, rangeSchema } from "./schema.ts";
import { isPageSeries, rangesAt } from "./series.ts";

const workload = { group: "Workload:" } as const;

/** Keys of a page, as upstream. */
const DEFAULT_PAGE_KEYS = 10_000;

const SORT_KEYS = ["key", "version", "create", "mod", "value"] as const;
const ORDERS: ReadonlyMap<string, RangeSort["order"]> = new Map([
  ["ascend", "ascend"],
  ["asc", "ascend"],
  ["descend", "descend"],
  ["desc", "descend"],
]);

/** `BY[:ORDER]`, as `mod:descend`; null for none. */
const SORT = parsed(
  {
    ...workload,
    name: "sort",
    default: "none",
    describe: "key|version|create|mod|value[:ascend|:descend]: order of the keys in an answer",
  },
  {
    choices: [...SORT_KEYS, "none"],
    parse(flag, text): RangeSort | null {
      if (text === "none") return null;
      const [word, orderWord = "ascend", ...more] = text.toLowerCase().split(":");
      const by = SORT_KEYS.find((each) => each === word);
      const order = ORDERS.get(orderWord);
      if (by !== undefined && order !== undefined && more.length === 0) return { by, order };
      throw badValue(
        flag,
        text,
        `${SORT_KEYS.join(", ")} or none, with :ascend or :descend after it`,
        "mod:descend",
      );
    },
    format: (sort) => (sort === null ? "none" : `${sort.by}:${sort.order}`),
  },
);

const FLAGS = {
  prefix: toggle({
    ...workload,
    name: "prefix",
    sectionOnly: true,
    describe:
      "read all keys that start with KEY; without KEY all keys of etcd, or of --key-space-size",
  }),
  keySpaceSize: optional(KEY_SPACE_SIZE, {
    describe:
      "number of keys to put before the clock starts; each range reads one, with --limit the keys from it on",
  }),
  popularity: POPULARITY,
  sequential: like(SEQUENTIAL_KEYS, {
    describe: "with --key-space-size: read keys in order, not at random",
  }),
  limit: LIMIT,
  isPaged: toggle({
    ...workload,
    name: "paginate",
    describe:
      "read pages of --limit keys (default: 10000) at one revision; all pages are one operation",
  }),
  isStreamed: toggle({
    ...workload,
    name: "stream",
    describe: "read with RangeStream (etcd 3.7 or newer)",
  }),
  keysOnly: toggle({ ...workload, name: "keys-only", describe: "ask for keys without values" }),
  countOnly: toggle({
    ...workload,
    name: "count-only",
    describe: "ask for the number of keys only",
  }),
  sort: SORT,
  consistency: CONSISTENCIES,
  ...SIZE_FLAGS,
  cleanup: like(CLEANUP, { describe: "after the run, delete the keys that it put" }),
};

type Flags = Read<typeof FLAGS>;

export const range = defineWorkload({
  name: "range",
  summary:
    "Measure reads of a key (hex:fffe71 or base64:... for octets), or of the keys from KEY up to END",
  positionals: { usage: "[key] [end]", most: 2 },
  examples: [
    ["range --local --consistency=l,s", "puts one key, and reads it linearizable and serializable"],
    ["range foo --conns=100 --clients=1000 --duration=2s", "linearizable reads of the key foo"],
    [
      "range --local --key-space-size=10k --val-size=1KiB --popularity=zipfian --clients=10",
      "puts 10,000 keys, and reads hot ones more often",
    ],
    [
      "range pods/ --local --prefix --key-size=16 --key-space-size=2k --paginate --limit=500 --total=100",
      "puts 2,000 keys under pods/, and lists them all, 500 a page",
    ],
    ["range --duration=1s -- -a -z", "the keys from -a up to -z; they start with a dash"],
  ],
  flags: FLAGS,
  schema: rangeSchema,
  calibrated: [{ key: "calibrat", flags: () => ({ consistency: "s" }), repeats: "range" }],
  writes: true,
  isWarmed: true,
  fitsGateway: true,
  plan(flags, { args, given, load, note }): RangeWorkload {
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
  },
  // Both kinds of read have the whole limits each.
  passes: ({ consistency }) => consistency.length,
  seriesRole: (series) => (isPageSeries(series) ? "detail" : "requests"),
  publishedTable: { title: "Ranges", verb: "read", counted: "requests", tells: "consistency" },
  // The pages of a scan are shown with the latencies: the scan is what was asked for.
  publishedShape: ({ consistency, key, keySpace, content, fetch }, series) =>
    isPageSeries(series)
      ? null
      : {
          consistency: consistency.find((each) => series === rangesAt(each)) ?? null,
          hasKnownSizes:
            key === null && keySpace === null && content === "all" && fetch === "whole",
        },
  describe(plan) {
    const { consistency, key, keySpace, keySizeBytes } = plan;
    const isNamed = key !== null && keySpace === null;
    return [
      `range ${consistency.join(" and ")}`,
      ...(isNamed || keySpace !== null ? [describeKeys(plan)] : []),
      ...(isNamed ? [] : [describeSizes(keySizeBytes, plan)]),
      ...describeAnswers(plan),
    ].join(", ");
  },
  plannedWrites({ keySpace, keySizeBytes, valSizeBytes, valueSize }) {
    if (keySpace === null) return null;
    return { keySizeBytes, valSizeBytes, valueSize, puts: keySpace.keySpaceSize, deletes: 0 };
  },
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { key, end, prefix, fetch, limit, content, sort, consistency, keySpace } = plan;
    const named = key === null || (prefix && key === "") ? [] : [key];
    const putsNothing = keySpace === null && key !== null;
    // Here --prefix is the switch; the key space's own prefix is the key.
    const {
      prefix: _,
      encoding: __,
      ...space
    } = keySpace === null ? { prefix: "", encoding: "" } : keySpaceFlagsOf(keySpace);
    return {
      args: end === null ? named : [...named, end],
      flags: {
        ...space,
        sequential: keySpace?.sequential ?? false,
        prefix,
        ...(putsNothing ? {} : { keySizeBytes: plan.keySizeBytes, valSize: valSizeOf(plan) }),
        consistency,
        limit: limit ?? 0,
        keysOnly: content === "keys",
        countOnly: content === "count",
        sort,
        isPaged: fetch === "pages",
        isStreamed: fetch === "stream",
      },
    };
  },
});

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
