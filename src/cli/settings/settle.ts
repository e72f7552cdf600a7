/** Finds the flags that hold for a command: of bench.yaml, BENCH_* variables and the command line. */
import { existsSync } from "node:fs";
import { BenchError, usageError } from "../../errors.ts";
import type { Flag, GivenFlags } from "../../flags/flag.ts";
import { CONFIG } from "../../flags/settings.ts";
import type { Command } from "../command.ts";
import { combined, type Layer } from "./layers.ts";
import { type Setting, settingValue } from "./setting.ts";
import { type ValueOrigin, withOrigins } from "./value-origins.ts";
import { readVariables } from "./variables.ts";

/** In the working folder. */
const USUAL_FILE = "bench.yaml";

/** What is measured follows from their suite or command line, and no file changes it unasked. */
const TAKES_SECTION_ALONE: ReadonlySet<string> = new Set(["run", "ab"]);

export interface Surroundings {
  commands: readonly Command[];
  env: NodeJS.ProcessEnv;
}

/** All settings there are, whichever command they are for. */
export interface Settings {
  /** Null: there is none. */
  file: string | null;
  shared: readonly Setting[];
  sections: ReadonlyMap<string, readonly Setting[]>;
  variables: readonly Setting[];
}

/**
 * @param config what `--config` says; null where it is not given
 * @throws BenchError (usage) that names the file and the line, or the variable
 */
export async function readSettings(
  config: string | null,
  { commands, env }: Surroundings,
): Promise<Settings> {
  const all = readVariables(env, commands);
  const variables = all.filter(({ name }) => name !== CONFIG.name);
  const ofVariable = all.find(({ name }) => name === CONFIG.name);
  const named = config ?? ofVariable?.texts[0] ?? null;
  const file = named ?? (existsSync(USUAL_FILE) ? USUAL_FILE : null);
  if (file === null) return { file, shared: [], sections: new Map(), variables };
  if (file === "") throw usageError("--config names no file, e.g. --config=bench.yaml");
  // YAML is read where there is some.
  const { readConfigFile } = await import("./config-file.ts");
  return { file, ...readConfigFile(file, commands, named === null), variables };
}

/** The flags that hold for a command, and what gave those that are not of the command line. */
export function settle(command: Command, given: GivenFlags, settings: Settings): Layer {
  const { shared, sections, variables } = settings;
  const isOwn = TAKES_SECTION_ALONE.has(command.name);
  const layer = combined([
    ...(isOwn ? [] : [layerOf(command, shared, false)]),
    layerOf(command, sections.get(command.name) ?? [], true),
    layerOf(command, variables, false),
    { flags: given, origins: new Map() },
  ]);
  return withMeaning(command, layer);
}

/** Without settings that mean nothing here, since the flag that they are of is not given. */
function withMeaning(command: Command, { flags, origins }: Layer): Layer {
  const isOf = ({ onlyWith }: Flag) => command.flags.some(({ name }) => name === onlyWith);
  const idle = new Set(
    command.flags
      .filter((flag) => origins.has(flag.name) && isOf(flag) && flags[flag.onlyWith!] === undefined)
      .map(({ name }) => name),
  );
  if (idle.size === 0) return { flags, origins };
  const isHeld = ([name]: readonly [string, unknown]) => !idle.has(name);
  return {
    flags: Object.fromEntries(Object.entries(flags).filter(isHeld)),
    origins: new Map([...origins].filter(isHeld)),
  };
}

/** What the command takes of the settings; each value is checked as the flag's own is. */
function layerOf(command: Command, settings: readonly Setting[], isSection: boolean): Layer {
  const flags: Record<string, GivenFlags[string]> = {};
  const origins = new Map<string, string>();
  for (const setting of settings) {
    const { name, origin } = setting;
    const flag = command.flags.find((each) => each.name === name);
    if (flag === undefined || (flag.sectionOnly === true && !isSection)) continue;
    flags[name] = settingValue(flag, setting);
    origins.set(name, origin);
  }
  return { flags, origins };
}

/**
 * Says in an error of a flag which file or variable gave it.
 * @param origins of the flags that a file or a BENCH_* variable gives
 * @param values of all that an error may name
 */
export function placedError(
  error: unknown,
  origins: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, ValueOrigin> = new Map(),
): unknown {
  if (!(error instanceof BenchError)) return error;
  const { exitCode, flag } = error;
  const origin = flag === null ? undefined : origins.get(flag);
  if (origin !== undefined) {
    return new BenchError(`${origin}: ${error.message}`, exitCode, { cause: error, flag });
  }
  const isSetting = ([name]: readonly [string, unknown]) => origins.has(name);
  const named = flag === null ? values : [...values].filter((each) => !isSetting(each));
  const message = withOrigins(error.message, new Map(named));
  if (flag === null || origins.size === 0) {
    return new BenchError(message, exitCode, { cause: error, flag });
  }
  // The flag may be at odds with one that the user does not see on the command line.
  const others = [...origins].map(([name, where]) => `--${name} by ${where}`).join(", ");
  return new BenchError(`${message} (given elsewhere: ${others})`, exitCode, {
    cause: error,
    flag,
  });
}
