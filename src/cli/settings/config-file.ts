/**
 * Reads bench.yaml: flags by their names, which hold for all commands, and below the name of a
 * command those of it alone.
 */
import { usageError } from "../../errors.ts";
import { type DataPath, SuiteSource } from "../../suite/source.ts";
import { reason } from "../../system-error.ts";
import { keepArgumentSecrets } from "../../text/argument-secrets.ts";
import { keepDataSecrets } from "../../text/data-secrets.ts";
import { readFoundFile, readNamedFile } from "../../text-file.ts";
import type { Command } from "../command.ts";
import { flagsOfCommand, sharedFlags, unknownName } from "./known-names.ts";
import type { Setting } from "./setting.ts";

export interface ConfigFile {
  /** For all commands that take the flag. */
  shared: Setting[];
  /** By the name of the command. */
  sections: ReadonlyMap<string, Setting[]>;
}

/**
 * @param isFound bench looked for the file by itself, so that a pipe of its name is refused
 * @throws BenchError (usage) that begins with `file:line:column`
 */
export function readConfigFile(
  name: string,
  commands: readonly Command[],
  isFound = false,
): ConfigFile {
  const source = new SuiteSource(name, textOf(name, isFound));
  const { data } = source;
  keepDataSecrets(data);
  if (data === null || data === undefined) return { shared: [], sections: new Map() };
  if (!isMap(data)) {
    throw usageError(
      `${source.place([])}: ${name} is a set of keys and values, one for each flag, e.g. "conns: 10"`,
    );
  }
  const shared: Setting[] = [];
  const sections = new Map<string, Setting[]>();
  const flags = sharedFlags(commands);
  for (const key of Object.keys(data)) {
    const command = commands.find((each) => each.name === key);
    const isFlag = flags.some((flag) => flag.name === key);
    // `cluster: NAME` is the flag, `cluster: {size: 3}` the command.
    if (command !== undefined && (!isFlag || isMap(data[key]))) {
      sections.set(key, sectionOf(source, data[key], command));
    } else if (isFlag) {
      shared.push(settingOf(source, data[key], [key]));
    } else {
      throw unknownName(source.place([key], true), JSON.stringify(key), key, {
        flags,
        others: commands.map((each) => each.name),
        of: "bench",
      });
    }
  }
  return { shared, sections };
}

function textOf(name: string, isFound: boolean): string {
  try {
    return isFound ? readFoundFile(name) : readNamedFile(name);
  } catch (cause) {
    throw usageError(`${name}: cannot read it as a file of flags: ${reason(cause)}`, cause);
  }
}

function sectionOf(source: SuiteSource, data: unknown, command: Command): Setting[] {
  if (data === null) return [];
  if (!isMap(data)) {
    throw usageError(
      `${source.place([command.name])}: ${command.name} is a command: give its flags below it, a line each`,
    );
  }
  const flags = flagsOfCommand(command);
  return Object.keys(data).map((key) => {
    const path = [command.name, key];
    if (flags.some((flag) => flag.name === key)) return settingOf(source, data[key], path);
    throw unknownName(source.place(path, true), JSON.stringify(key), key, {
      flags,
      others: [],
      of: `bench ${command.name}`,
    });
  });
}

function settingOf(source: SuiteSource, data: unknown, path: DataPath): Setting {
  const name = String(path.at(-1));
  const origin = source.place(path);
  const texts = Array.isArray(data)
    ? data.map((each, at) => scalarText(source, each, [...path, at], name))
    : [scalarText(source, data, path, name)];
  if (texts.length === 0) throw usageError(`${origin}: ${name}: the list has nothing in it`);
  for (const text of texts) keepArgumentSecrets([`--${name}=${text}`]);
  return { name, texts, origin };
}

/** As it is written, so that a prefix of 007 is no 7. */
function scalarText(source: SuiteSource, data: unknown, path: DataPath, name: string): string {
  if (typeof data === "string") return data;
  if (typeof data === "number" || typeof data === "boolean") {
    return source.written(path) ?? String(data);
  }
  const what = data === null ? "has no value" : "takes a text, a number, true or false, or a list";
  throw usageError(`${source.place(path)}: ${name} ${what}`);
}

function isMap(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
