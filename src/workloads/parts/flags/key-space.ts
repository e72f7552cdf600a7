/** The flags of a key space and its values, read into the part of a plan that says which keys. */
import { flagError } from "../../../errors.ts";
import type { Read } from "../../../flags/flag.ts";
import { VAL_SIZE } from "../../../flags/val-size.ts";
import { choice, count, optional, parsed, size, toggle } from "../../../flags/vocabulary.ts";
import { assertKeysFit } from "../../../plan/key-capacity.ts";
import type { KeySpace } from "../../../plan/key-space.ts";
import { isTextKey, keyTextOf } from "../../../plan/key-text.ts";

const workload = { group: "Workload:" } as const;

/** A key beyond this is a slip of the keyboard: etcd's whole request may have 1.5 MiB. */
const MAX_KEY_BYTES = 2 ** 20;

export const KEY_SIZE = size({
  ...workload,
  name: "key-size",
  default: "8",
  min: 1,
  max: MAX_KEY_BYTES,
  describe: "bytes of each key, prefix included",
});

/** Null where it is not given: its default is the workload's own. */
export const KEY_SPACE_SIZE = optional(
  count({ ...workload, name: "key-space-size", describe: "number of distinct keys" }),
  { shownDefault: "1" },
);

export const SEQUENTIAL_KEYS = toggle({
  ...workload,
  name: "sequential-keys",
  describe: "write keys in order, not at random; without --key-space-size each key once",
});

/** A key's text, as plans hold it. */
export const PREFIX = parsed(
  {
    ...workload,
    name: "prefix",
    default: "",
    describe: "prepend TEXT to every key; hex:fffe71 and base64:... are bytes",
  },
  { isText: true, parse: keyTextOf, format: (text) => text },
);

/** Of a command that makes names of it. */
export function namePrefix(
  command: string,
  usual: string,
  describe = "prepend TEXT to every name",
) {
  return parsed(
    { ...workload, name: "prefix", default: usual, describe },
    {
      isText: true,
      parse(flag, text) {
        const prefix = keyTextOf(flag, text);
        if (isTextKey(prefix)) return prefix;
        throw flagError(
          "prefix",
          `${flag}: ${command} makes names of it, which are text: give one in UTF-8 and without control characters`,
        );
      },
      format: (text) => text,
    },
  );
}

export const KEY_ENCODING = choice(
  {
    ...workload,
    name: "key-encoding",
    default: "fixed",
    describe: "fixed|varint: keys are big-endian indices, or upstream's zig-zag varints",
  },
  ["fixed", "varint"],
);

/** Null where it is not given: then keys that come in order have none, and others are drawn alike. */
export const POPULARITY = optional(
  choice(
    {
      ...workload,
      name: "popularity",
      describe:
        "uniform|zipfian|latest: how keys are drawn; zipfian: by YCSB's constant 0.99; latest: so, newest most often",
    },
    ["uniform", "zipfian", "latest"],
  ),
  { shownDefault: "uniform" },
);

export const CLEANUP = toggle({
  ...workload,
  name: "cleanup",
  describe: "after the run, delete the keys that it wrote and no other key",
});

export const SIZE_FLAGS = { keySizeBytes: KEY_SIZE, valSize: VAL_SIZE };

export const KEY_SPACE_FLAGS = {
  ...SIZE_FLAGS,
  keySpaceSize: KEY_SPACE_SIZE,
  sequential: SEQUENTIAL_KEYS,
  prefix: PREFIX,
  encoding: KEY_ENCODING,
  cleanup: CLEANUP,
};

/** Of a command that decides itself in which order keys come. */
export const ORDERED_KEY_SPACE_FLAGS = {
  ...SIZE_FLAGS,
  keySpaceSize: KEY_SPACE_SIZE,
  prefix: PREFIX,
  encoding: KEY_ENCODING,
  cleanup: CLEANUP,
};

type KeySpaceValues = Omit<Read<typeof ORDERED_KEY_SPACE_FLAGS>, "valSize" | "cleanup"> & {
  popularity?: KeySpace["popularity"] | null;
};

/**
 * @param defaultSize where `--key-space-size` was not given
 * @throws BenchError (usage) where that many keys do not fit into `--key-size`
 */
export function keySpaceOf(
  { keySizeBytes, keySpaceSize, popularity = null, prefix, encoding }: KeySpaceValues,
  sequential: boolean,
  defaultSize = 1,
): KeySpace {
  const isDefaulted = keySpaceSize === null;
  const keys: KeySpace = {
    keySizeBytes,
    keySpaceSize: keySpaceSize ?? defaultSize,
    sequential,
    popularity: popularityOf(popularity, sequential),
    prefix,
    encoding,
  };
  assertKeysFit(keys, isDefaulted ? "the default --key-space-size" : "--key-space-size");
  return keys;
}

/** @throws BenchError (usage) where the keys come in order, which leaves nothing to draw */
export function popularityOf(
  popularity: KeySpace["popularity"] | null,
  isSequential: boolean,
): KeySpace["popularity"] {
  if (isSequential && popularity !== null) {
    throw flagError(
      "sequential-keys",
      `--sequential-keys and --popularity=${popularity} exclude each other: keys come in order or ` +
        "at random; leave one of them out",
    );
  }
  return popularity ?? "uniform";
}

/** The values of the flags that make the key space. */
export function keySpaceFlagsOf(keys: KeySpace) {
  return {
    keySizeBytes: keys.keySizeBytes,
    keySpaceSize: keys.keySpaceSize,
    popularity: keys.sequential || keys.popularity === "uniform" ? null : keys.popularity,
    prefix: keys.prefix,
    encoding: keys.encoding,
  };
}
