/** Declares the flags of `bench range`. */
import type { Read } from "../../flags/flag.ts";
import { like, optional, parsed, toggle } from "../../flags/vocabulary.ts";
import { badValue } from "../../units.ts";
import { CONSISTENCIES } from "../parts/flags/consistency.ts";
import {
  CLEANUP,
  KEY_SPACE_SIZE,
  POPULARITY,
  SEQUENTIAL_KEYS,
  SIZE_FLAGS,
} from "../parts/flags/key-space.ts";
import { LIMIT } from "../parts/flags/limit.ts";
import type { RangeSort } from "./schema.ts";

const workload = { group: "Workload:" } as const;

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

export const FLAGS = {
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

export type Flags = Read<typeof FLAGS>;
