/**
 * What a user asks of a suite in addition to its file: the flags of `bench run`, read, kept in the
 * manifest without passwords, and taken from there again where a suite is resumed.
 */
import { flagError } from "../../errors.ts";
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { LABEL } from "../../flags/output.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { userName } from "../../plan/access-from-flags.ts";
import type { Overrides } from "../../suite/cells.ts";
import { flagSetOf } from "../../suite/flag-words.ts";
import type { FlagSet } from "../../suite/schema.ts";
import { REQUEST_FLAGS } from "./run-flags.ts";

/** @throws BenchError (usage) that names the flag */
export function overridesOf(given: GivenFlags): Overrides {
  const { sets, ...rest } = readFlags(REQUEST_FLAGS, given);
  return { ...rest, sets: setsOf(sets), flags: targetFlagsOf(given) };
}

/** Those of the target, and the labels, as every cell gets them. */
function targetFlagsOf(given: GivenFlags): FlagSet {
  const names = [...Object.values(TARGET_FLAGS), LABEL].map(({ name }) => name);
  return flagSetOf(Object.fromEntries(names.map((name) => [name, given[name]])));
}

function setsOf(texts: readonly string[]): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals)).replace(/^-+/, "");
    if (name === "") {
      throw flagError(
        "set",
        `--set: ${JSON.stringify(text)} is not FLAG=VALUE, e.g. --set=conns=10`,
      );
    }
    sets.set(name, [...(sets.get(name) ?? []), text.slice(equals + 1)]);
  }
  return sets;
}

/** As words of a command line: what decides what is measured, a password left out. */
export function requestWords(given: GivenFlags): string[] {
  const { user } = given;
  const sets = [...setsOf(REQUEST_FLAGS.sets.read(given))];
  const kept: GivenFlags = {
    ...given,
    user: typeof user === "string" ? userName(user) : user,
    set: sets.flatMap(([name, values]) =>
      values.map((value) => `${name}=${name === "user" ? userName(value) : value}`),
    ),
  };
  const flags = [...Object.values({ ...REQUEST_FLAGS, ...TARGET_FLAGS, ...AGENT_FLAGS }), LABEL];
  return flags.flatMap(({ name }) => {
    const value = kept[name];
    if (value === undefined) return [];
    return [value].flat().map((each) => `--${name}=${each}`);
  });
}
