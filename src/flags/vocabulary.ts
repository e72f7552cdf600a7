/**
 * The vocabulary that flags are made from: counts, durations, sizes, rates, shares, choices, texts,
 * switches, and texts that a grammar of their own reads.
 */
import { flagError } from "../errors.ts";
import {
  type Bounds,
  badValue,
  formatDuration,
  formatRate,
  formatShare,
  formatSize,
  isZeroDuration,
  MAX_DURATION_MS,
  parseCount,
  parseDurationMs,
  parseRatePerSec,
  parseSizeBytes,
  readFraction,
} from "../units.ts";
import { isMangled } from "../utf8.ts";
import type { Flag, FlagWords, GivenFlags } from "./flag.ts";

/** Null where the flag is absent and has no default. */
type OrAbsent<Words extends FlagWords, Value> = Words extends { default: string }
  ? Value
  : Value | null;

/** Both ends are allowed; `example` is the default where there is one. */
interface NumberWords extends FlagWords {
  min?: number;
  max?: number;
  example?: string;
}

interface Grammar<Value> {
  kind?: "value" | "optional";
  bareValue?: string;
  isList?: boolean;
  isText?: boolean;
  holdsFlags?: boolean;
  choices?: readonly string[];
  /** @param flag `--name`, for errors */
  parse(flag: string, text: string): Value;
  format(value: Value): string;
}

/** A flag whose text has a grammar of its own. */
export function parsed<const Words extends FlagWords, Value>(
  words: Words,
  grammar: Grammar<Value>,
): Flag<OrAbsent<Words, Value>>;
export function parsed<Value>(
  words: FlagWords,
  { parse, format, kind = "value", ...traits }: Grammar<Value>,
): Flag<Value | null> {
  return {
    ...words,
    ...traits,
    kind,
    read(given) {
      const text = textOf(given, this.name) ?? this.default;
      return text === undefined ? null : parsedText(this.name, text, parse);
    },
    write(value) {
      if (value === null) return [];
      const text = format(value);
      const { default: usual } = this;
      const isUsual = usual !== undefined && format(parse(`--${this.name}`, usual)) === text;
      return isUsual ? [] : [text];
    },
  };
}

/** The same flag with other words for a command, such as another default. */
export function like<Value>(flag: Flag<Value>, words: Partial<FlagWords>): Flag<Value> {
  return { ...flag, ...words };
}

/** The same flag without a default: null where it is absent. */
export function optional<Value>(
  flag: Flag<Value>,
  words: Partial<FlagWords> = {},
): Flag<Value | null> {
  const { default: _, shownDefault: __, ...rest } = flag;
  return { ...rest, ...words };
}

/** A whole number. */
export function count<const Words extends NumberWords>(words: Words) {
  const bounds = boundsOf(words, "1", "100");
  return parsed<Words, number>(words, {
    parse: (flag, text) => parseCount(flag, text, bounds),
    format: String,
  });
}

/** Milliseconds. */
export function duration<const Words extends NumberWords>(words: Words) {
  const bounds = boundsOf({ max: MAX_DURATION_MS, ...words }, "0", "30s");
  return parsed<Words, number>(words, {
    parse: (flag, text) => (isPlainZero(text) ? 0 : parseDurationMs(flag, text, bounds)),
    format: (ms) => (ms === 0 ? "0" : formatDuration(ms)),
  });

  /** As upstream, a zero needs no unit where zero is allowed. */
  function isPlainZero(text: string): boolean {
    return (words.min ?? 0) === 0 && isZeroDuration(text);
  }
}

/** Milliseconds, or null for the 0 by which upstream says none. */
export function durationOrNone<const Words extends NumberWords>(words: Words): Flag<number | null> {
  const bounds = boundsOf({ max: MAX_DURATION_MS, ...words }, "0", "30s");
  return parsed<Words, number | null>(words, {
    parse: (flag, text) => (isZeroDuration(text) ? null : parseDurationMs(flag, text, bounds)),
    format: (ms) => (ms === null ? "0" : formatDuration(ms)),
  });
}

/** Milliseconds that make whole seconds, as etcd's leases have. */
export function wholeSeconds<const Words extends NumberWords>(words: Words) {
  const bounds = boundsOf(words, "1000", "60s");
  return parsed<Words, number>(words, {
    parse: (flag, text) => {
      const seconds = parseDurationMs(flag, text, bounds) / 1000;
      if (Number.isInteger(seconds)) return seconds;
      throw badValue(flag, text, "a duration of whole seconds, as leases have", bounds.example);
    },
    format: (seconds) => formatDuration(seconds * 1000),
  });
}

/** Bytes. */
export function size<const Words extends NumberWords>(words: Words) {
  const bounds = boundsOf(words, "0", "4KiB");
  return parsed<Words, number>(words, {
    parse: (flag, text) => parseSizeBytes(flag, text, bounds),
    format: formatSize,
  });
}

/** Requests per second; 0 is none. */
export function rate<const Words extends NumberWords>(words: Words) {
  const bounds = boundsOf(words, "0", "5000");
  return parsed<Words, number>(words, {
    parse: (flag, text) => parseRatePerSec(flag, text, bounds),
    format: formatRate,
  });
}

/** A fraction from 0 to 1, written as such or in percent. */
export function share<const Words extends NumberWords>(words: Words) {
  const { min = 0, max = 1, example = words.default ?? "5%" } = words;
  const expected =
    min === 0 && max === 1
      ? "a share from 0 to 1 or from 0% to 100%"
      : `a share from ${formatShare(min)} to ${formatShare(max)}`;
  return parsed<Words, number>(words, {
    parse: (flag, text) => {
      const fraction = readFraction(text);
      if (fraction !== null && fraction >= min && fraction <= max) return fraction;
      throw badValue(flag, text, expected, example);
    },
    format: formatShare,
  });
}

/** One word of a few. */
export function choice<const Words extends FlagWords, const Choice extends string>(
  words: Words,
  choices: readonly Choice[],
  {
    example,
    ...traits
  }: { kind?: "value" | "optional"; bareValue?: Choice; example?: Choice } = {},
) {
  return parsed<Words, Choice>(words, {
    ...traits,
    choices,
    parse: (flag, text) => {
      const found = choices.find((each) => each === text);
      if (found !== undefined) return found;
      const shown = example ?? words.default ?? choices[0];
      throw flagError(
        words.name,
        `${flag}: ${JSON.stringify(text)} is not one of ${choices.join(", ")}, e.g. ${flag}=${shown}`,
      );
    },
    format: (value) => value,
  });
}

/** Any text: a key, a name, a file. */
export function text<const Words extends FlagWords>(words: Words) {
  return parsed<Words, string>(words, {
    isText: true,
    parse: (_, value) => value,
    format: (value) => value,
  });
}

/** A name or an address; one of IPv6 also in brackets, as next to a port. */
export function host<const Words extends FlagWords>(words: Words) {
  return parsed<Words, string>(words, {
    isText: true,
    parse: (_, value) => value.replace(/^\[(.*)\]$/, "$1"),
    format: (value) => value,
  });
}

/** Texts with commas between, as the slices of Go's flags. */
export function list<const Words extends FlagWords>(words: Words) {
  return parsed<Words, string>(words, {
    isText: true,
    isList: true,
    parse: (_, value) => value,
    format: (value) => value,
  });
}

/** A text after `=`, such as a folder; `bareValue` where the flag has no value. */
export function textOrBare(words: FlagWords, bareValue: string): Flag<string | null> {
  return parsed<FlagWords, string>(words, {
    kind: "optional",
    bareValue,
    parse: (_, value) => value,
    format: (value) => value,
  });
}

/** A text that holds flags. */
export function flagsText(words: FlagWords): Flag<string | null> {
  return parsed<FlagWords, string>(words, {
    holdsFlags: true,
    parse: (_, value) => value,
    format: (value) => value,
  });
}

/** False where it is absent. */
export function toggle(words: FlagWords): Flag<boolean> {
  return {
    ...words,
    kind: "switch",
    read(given) {
      return given[this.name] === true;
    },
    write: (value) => value,
  };
}

/** A flag that may be given several times; each text has the grammar. */
export function repeated<Value>(
  words: FlagWords,
  grammar: Pick<Grammar<Value>, "parse" | "format" | "isText" | "choices">,
): Flag<readonly Value[]> {
  const { parse, format, ...traits } = grammar;
  return {
    ...words,
    ...traits,
    kind: "value",
    repeatable: true,
    read(given) {
      return textsOf(given, this.name).map((each) => parsedText(this.name, each, parse));
    },
    write: (values) => values.map(format),
  };
}

/** The text may be a secret: the error does not show it. */
function parsedText<Value>(name: string, text: string, parse: Grammar<Value>["parse"]): Value {
  // The grammar of keys knows another form for octets that are no text.
  const value = parse(`--${name}`, text);
  if (!isMangled(text)) return value;
  throw flagError(
    name,
    `--${name}: the value holds octets that are no UTF-8, which arguments, variables and files of text cannot carry; give another`,
  );
}

/** The text of a flag that was given once; undefined where it was not. */
export function textOf(given: GivenFlags, name: string): string | undefined {
  const value = given[name];
  return typeof value === "string" ? value : undefined;
}

/** The texts of a flag that may be repeated. */
export function textsOf(given: GivenFlags, name: string): readonly string[] {
  const value = given[name];
  if (value === undefined || typeof value === "boolean") return [];
  return typeof value === "string" ? [value] : value;
}

function boundsOf(
  { min, max, example, default: usual }: Omit<NumberWords, keyof FlagWords> & { default?: string },
  least: string,
  otherwise: string,
): Bounds {
  const shown = example ?? (usual === undefined || usual === "0" ? otherwise : usual);
  return {
    min: min ?? Number(least),
    example: shown,
    ...(max === undefined ? {} : { max }),
  };
}
