/**
 * Owns what a person asks of a suite beside its file: the flags of `bench run`, read, kept in the
 * manifest without passwords, and taken from there again where a suite is resumed.
 */
import { usageError } from "../../errors.ts";
import { userName } from "../../plan/access-from-flags.ts";
import { parseCount, readFraction } from "../../plan/units.ts";
import type { Overrides } from "../../suite/cells.ts";
import type { FlagSet } from "../../suite/schema.ts";
import type { FlagValues } from "../command.ts";
import { LABEL_FLAG } from "../flags/output.ts";
import { TARGET_FLAGS } from "../flags/target.ts";

const OWN = ["set", "scale", "repeats", "reference-etcd"] as const;
const LARGEST_SCALE = 1000;
const MOST_REPEATS = 10_000;

/** @throws BenchError (usage) that names the flag */
export function overridesOf(flags: FlagValues): Overrides {
  return {
    sets: setsOf((flags.set as string[] | undefined) ?? []),
    scale: scaleOf(flags.scale as string | undefined),
    repeats:
      flags.repeats === undefined
        ? null
        : parseCount("--repeats", flags.repeats as string, {
            min: 1,
            max: MOST_REPEATS,
            example: "5",
          }),
    flags: targetFlagsOf(flags),
  };
}

/** Those of the target, and the labels, as every cell gets them. */
function targetFlagsOf(flags: FlagValues): FlagSet {
  const given: FlagSet = {};
  for (const { name } of [...TARGET_FLAGS, LABEL_FLAG]) {
    const value = flags[name];
    if (value !== undefined) given[name] = value;
  }
  return given;
}

function setsOf(texts: readonly string[]): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals)).replace(/^-+/, "");
    if (name === "") {
      throw usageError(`--set: ${JSON.stringify(text)} is not FLAG=VALUE, e.g. --set=conns=10`);
    }
    sets.set(name, [...(sets.get(name) ?? []), text.slice(equals + 1)]);
  }
  return sets;
}

function scaleOf(text = "1"): number {
  const scale = /^\d*\.?\d+(e-?\d+)?%?$/i.test(text)
    ? (readFraction(text) ?? Number(text))
    : Number.NaN;
  if (scale > 0 && scale <= LARGEST_SCALE) return scale;
  throw usageError(
    `--scale: ${JSON.stringify(text)} is not a factor above 0 and up to ${LARGEST_SCALE}, e.g. --scale=0.01`,
  );
}

/** As words of a command line: what decides what is measured, a password left out. */
export function requestWords(flags: FlagValues): string[] {
  const { user } = flags;
  const sets = [...setsOf((flags.set as string[] | undefined) ?? [])];
  const kept = {
    ...flags,
    user: typeof user === "string" ? userName(user) : user,
    set: sets.flatMap(([name, values]) =>
      values.map((value) => `${name}=${name === "user" ? userName(value) : value}`),
    ),
  };
  const names = [...OWN, ...TARGET_FLAGS.map(({ name }) => name), LABEL_FLAG.name];
  return names.flatMap((name) => {
    const value = kept[name as keyof typeof kept];
    if (value === undefined) return [];
    return [value].flat().map((each) => `--${name}=${each}`);
  });
}
