/** Reads the `BENCH_*` variables that give flags: `BENCH_VAL_SIZE=1KiB` is `--val-size=1KiB`. */
import { usageError } from "../../errors.ts";
import { meantByForeign } from "../../flags/foreign-flags.ts";
import { CONFIG } from "../../flags/settings.ts";
import { nearestName } from "../../nearest-name.ts";
import type { Command } from "../command.ts";
import { sharedFlags } from "./known-names.ts";
import type { Setting } from "./setting.ts";

const PREFIX = "BENCH_";
/** Variables with that prefix which are no flags. */
const OTHERS: ReadonlySet<string> = new Set([
  "BENCH_ETCD_ARCHIVE_URL",
  // What a script of an event gets, which may start bench.
  "BENCH_EVENT",
  "BENCH_EVENT_FOR",
  // Of the nightly workflow, which hands its variables to each step.
  "BENCH_REPOSITORY",
  "BENCH_SIGHUP",
]);
const OF_TESTS = "BENCH_TEST_";

export function variableOf(name: string): string {
  return `${PREFIX}${name.toUpperCase().replaceAll("-", "_")}`;
}

/** The names of the variables that give a flag; an empty one gives none, as etcdctl's. */
export function settingVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).filter(
    (name) =>
      name.startsWith(PREFIX) &&
      !OTHERS.has(name) &&
      !name.startsWith(OF_TESTS) &&
      env[name] !== "",
  );
}

/** @throws BenchError (usage) for a variable that no command has a flag for */
export function readVariables(env: NodeJS.ProcessEnv, commands: readonly Command[]): Setting[] {
  const given = settingVariables(env);
  if (given.length === 0) return [];
  const names = new Map([
    ...sharedFlags(commands).map(({ name }) => [variableOf(name), name] as const),
    [variableOf(CONFIG.name), CONFIG.name],
  ]);
  return given.map((variable) => {
    const name = names.get(variable);
    if (name === undefined) throw unknownVariable(variable, [...names.keys()]);
    return { name, texts: [env[variable]!], origin: variable };
  });
}

function unknownVariable(variable: string, names: readonly string[]): Error {
  const bare = variable.slice(PREFIX.length).toLowerCase().replaceAll("_", "-");
  const foreign = bare.length > 1 ? meantByForeign(bare) : null;
  if (bare === "password") {
    return usageError(`${variable}: bench reads a password from ETCDCTL_PASSWORD; use that`);
  }
  const ends = names.map((name) => name.slice(PREFIX.length));
  const nearest = nearestName(variable.slice(PREFIX.length), ends);
  const hint =
    foreign !== null
      ? `bench has ${foreign}`
      : nearest === null
        ? "it is named after a flag, as BENCH_CONNS; unset it"
        : `did you mean ${PREFIX}${nearest}?`;
  return usageError(`${variable}: no flag of bench has this name; ${hint}`);
}
