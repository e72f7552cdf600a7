/** Carries out `bench config`. */
import { EXIT, usageError } from "../../errors.ts";
import { type Flag, type GivenFlags, readFlags, shownDefault } from "../../flags/flag.ts";
import { CONFIG } from "../../flags/settings.ts";
import { nearestName } from "../../nearest-name.ts";
import { userName } from "../../plan/access-from-flags.ts";
import { type Column, renderGrid } from "../../tables/grid.ts";
import { dataWithoutSecrets, withoutSecrets } from "../../text/secrets.ts";
import { printable, printableData } from "../../text/visible.ts";
import { environment } from "../argv/environment.ts";
import type { Command } from "../command.ts";
import { fullNameOf } from "../command.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { CONFIG_FLAGS } from "./config-flags.ts";
import { flagsOfCommand, sharedFlags } from "./known-names.ts";
import { type Setting, settingValue } from "./setting.ts";
import { readSettings, type Settings, settle } from "./settle.ts";
import { etcdctlVariables } from "./value-origins.ts";

/** One line of the output. */
interface Shown {
  /** Null: of all commands. */
  command: string | null;
  flag: string;
  value: string | boolean | readonly string[];
  /** `bench.yaml:3:8`, `BENCH_CONNS`, `ETCDCTL_ENDPOINTS`, or null for the default. */
  origin: string | null;
}

/** Resolves to the exit code. @throws BenchError (usage) for a setting that cannot be used */
export async function showConfig(
  [name, workload]: readonly string[],
  given: GivenFlags,
  commands: readonly Command[],
): Promise<number> {
  const { formats } = readFlags(CONFIG_FLAGS, given);
  const env = environment();
  const settings = await readSettings(CONFIG.read(given), { commands, env });
  const command = name === undefined ? null : commandNamed(name, workload, commands);
  if (command === null) checkAll(settings, commands);
  const shown = command === null ? allSettings(settings) : flagsThatHold(command, settings, env);
  const file = settings.file;
  const isJson = formats.at(-1) === "json";
  await writeStandardOutput(
    isJson
      ? JSON.stringify(
          dataWithoutSecrets(printableData({ file, command: name ?? null, flags: shown })),
          null,
          2,
        )
      : tableOf(shown, file, command),
  );
  return EXIT.done;
}

function commandNamed(
  name: string,
  workload: string | undefined,
  commands: readonly Command[],
): Command {
  const command = named(name, commands, "command of bench");
  if (workload === undefined) return { ...command, flags: flagsOfCommand(command) };
  if (command.inner === undefined) {
    throw usageError(`bench ${name} has no workload after it; leave ${workload} out`);
  }
  return command.inner.with(named(workload, command.inner.commands, `workload of bench ${name}`));
}

function named(name: string, commands: readonly Command[], what: string): Command {
  const found = commands.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = commands.map((each) => each.name);
  const nearest = nearestName(name, names);
  const hint = nearest === null ? `give one of ${names.join(", ")}` : `did you mean ${nearest}?`;
  throw usageError(`${JSON.stringify(name)} is no ${what}; ${hint}`);
}

/**
 * A value that is for all commands needs the form of one of those that take it: a size may be a
 * distribution for one, and not for another.
 * @throws BenchError (usage) that begins with the origin
 */
function checkAll({ shared, sections, variables }: Settings, commands: readonly Command[]): void {
  const all = sharedFlags(commands);
  for (const setting of [...shared, ...variables]) checkValue(setting, all);
  for (const [name, own] of sections) {
    const flags = commands.filter((each) => each.name === name).flatMap(flagsOfCommand);
    for (const setting of own) checkValue(setting, flags);
  }
}

function checkValue(setting: Setting, flags: readonly Flag[]): void {
  let refusal: unknown = null;
  for (const flag of flags.filter(({ name }) => name === setting.name)) {
    try {
      settingValue(flag, setting);
      return;
    } catch (error) {
      refusal ??= error;
    }
  }
  if (refusal !== null) throw refusal;
}

/** Whatever command they are for. */
function allSettings({ shared, sections, variables }: Settings): Shown[] {
  const shownOf = (command: string | null, { name, texts, origin }: Setting): Shown => ({
    command,
    flag: name,
    value: shownValue(name, texts.length === 1 ? texts[0]! : texts),
    origin,
  });
  return [
    ...shared.map((each) => shownOf(null, each)),
    ...[...sections].flatMap(([command, own]) => own.map((each) => shownOf(command, each))),
    ...variables.map((each) => shownOf(null, each)),
  ];
}

function flagsThatHold(command: Command, settings: Settings, env: NodeJS.ProcessEnv): Shown[] {
  const { flags, origins } = settle(command, {}, settings);
  const variables = etcdctlVariables(command, flags, env);
  return command.flags.flatMap((flag): Shown[] => {
    const { name } = flag;
    if (name === CONFIG.name) return [];
    const line = { command: fullNameOf(command), flag: name };
    const value = flags[name];
    if (value !== undefined) {
      return [{ ...line, value: shownValue(name, value), origin: origins.get(name) ?? null }];
    }
    const variable = variables.get(name);
    if (variable !== undefined) {
      return [{ ...line, value: shownValue(name, env[variable]!), origin: variable }];
    }
    const usual = flag.kind === "switch" ? false : shownDefault(flag);
    return usual === undefined ? [] : [{ ...line, value: usual, origin: null }];
  });
}

/** Of a user the name alone. */
function shownValue(name: string, value: Shown["value"]): Shown["value"] {
  return name === "user" && typeof value === "string" ? userName(value) : value;
}

function tableOf(shown: readonly Shown[], file: string | null, command: Command | null): string {
  const columns: Column<Shown>[] = [
    { header: ["flag"], align: "left", cell: ({ flag }) => `--${flag}` },
    {
      header: ["value"],
      align: "left",
      // Cut before the column gets its width.
      cell: ({ value }) => printable(withoutSecrets([value].flat().map(String).join(", "))),
    },
    { header: ["from"], align: "left", cell: ({ origin }) => printable(origin ?? "default") },
  ];
  const ofCommand: Column<Shown> = {
    header: ["command"],
    align: "left",
    cell: ({ command: of }) => of ?? "all",
  };
  const head = `File: ${file === null ? "none (no bench.yaml in this folder)" : printable(file)}`;
  if (shown.length === 0) return `${head}\nNo file and no BENCH_* variable gives a flag.\n`;
  const grid = renderGrid(command === null ? [ofCommand, ...columns] : columns, shown, {
    color: false,
    widthColumns: null,
  });
  return `${head}\n\n${grid}\n`;
}
