/**
 * Reads a suite from the text of its file; whatever is wrong with it becomes an error of one line
 * with the place and the fix.
 */
import type { z } from "zod";
import { usageError } from "../errors.ts";
import { meantFlagHint } from "../flags/meant-flag.ts";
import { nearestName } from "../nearest-name.ts";
import { keepDataSecrets } from "../text/data-secrets.ts";
import { allCellFlags, type CommandShape, cellFlags } from "./command-shape.ts";
import { CELL_KEYS, STEP_KEYS, SUITE_KEYS, type SuiteFile, suiteSchema } from "./schema.ts";
import { type DataPath, SuiteSource } from "./source.ts";
import { takeTextsAsWritten } from "./texts-as-written.ts";

export interface ReadSuite {
  suite: SuiteFile;
  /** Finds the place of a value in the file. */
  source: SuiteSource;
}

type Issue = z.core.$ZodIssue;

/** `name` is that of the file in errors. @throws BenchError (usage): `name:line:column: what and the fix` */
export function readSuite(
  name: string,
  text: string,
  commands: readonly CommandShape[],
): ReadSuite {
  const source = new SuiteSource(name, text);
  keepDataSecrets(source.data);
  takeTextsAsWritten(source, commands);
  const checked = suiteSchema(commands).safeParse(source.data);
  if (checked.success) return { suite: checked.data, source };
  const { issues } = checked.error;
  // A slip of the keyboard in a key makes two: the wrong name, and the right one that is missing.
  const first = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  const path = first.path as DataPath;
  if (first.code === "unrecognized_keys") {
    const key = first.keys[0]!;
    const what = unknownKey(key, path, source.data, commands);
    throw usageError(`${source.place([...path, key], true)}: ${what}`);
  }
  const names = commands.map((command) => command.name);
  throw usageError(`${source.place(path)}: ${describeIssue(first, path, source.data, names)}`);
}

function unknownKey(
  key: string,
  path: DataPath,
  data: unknown,
  commands: readonly CommandShape[],
): string {
  const shown = JSON.stringify(key);
  const holder = path.at(-1);
  const isFlags = holder === "flags" || holder === "matrix";
  if (!isFlags) {
    const known = path.length === 0 ? SUITE_KEYS : path[2] === "prepare" ? STEP_KEYS : CELL_KEYS;
    const nearest = nearestName(key, known);
    // It means something in other entries.
    if (nearest === key)
      return `${shown} means nothing here with the other keys of the entry; leave it out`;
    return nearest === null
      ? `${shown} means nothing here: ${known.join(", ")} do`
      : `${shown} means nothing here; did you mean ${nearest}?`;
  }
  const name = String(valueAt(data, [...path.slice(0, -1), "command"]));
  const command = path.length === 1 ? undefined : commands.find((each) => each.name === name);
  const names =
    command === undefined
      ? [...allCellFlags(commands).keys()]
      : cellFlags(command).map((flag) => flag.name);
  const bare = key.replace(/^-+/, "");
  if (bare !== key && names.includes(bare)) {
    return `${shown}: flags are written here without their dashes: ${bare}`;
  }
  const of = command === undefined ? "any command that measures" : `bench ${name}`;
  const hint =
    meantFlagHint(bare, names) ?? `bench ${command?.name ?? "COMMAND"} --help lists them`;
  return `${shown} is no flag of ${of} that a suite may set; ${hint}`;
}

function describeIssue(
  issue: Issue,
  path: DataPath,
  data: unknown,
  commands: readonly string[],
): string {
  const name = path.length === 0 ? "the file" : nameOf(path);
  const given = valueAt(data, path);
  if (issue.code === "invalid_union" && issue.discriminator === "command") {
    const list = `give one of ${commands.join(", ")}`;
    if (given === undefined) return `${name} is missing; ${list}`;
    const nearest = nearestName(String(given), commands);
    const hint = nearest === null ? list : `did you mean ${nearest}?`;
    return `${name}: ${JSON.stringify(given)} is no command that measures an etcd; ${hint}`;
  }
  if (given === undefined) return `${name} is missing`;
  const shown = shownValue(given);
  switch (issue.code) {
    case "invalid_value":
      return `${name}: ${shown} is not one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return `${name}: ${shown} is not a text or a number, as its flag takes`;
    case "invalid_type":
      return `${name}: ${shown} is not ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case "too_small":
      return issue.origin === "array"
        ? `${name} has nothing in it`
        : `${name}: ${shown} is too small; at least ${issue.minimum}`;
    case "too_big":
      return `${name}: ${shown} is too ${issue.origin === "array" ? "long" : "large"}; at most ${issue.maximum}`;
    default:
      return `${name}: ${shown}: ${issue.message}`;
  }
}

const TYPE_WORDS: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a set of keys and values",
  record: "a set of keys and values",
};

/** The last key of the path, and the place in a list: `cells[2].name`. */
function nameOf(path: DataPath): string {
  return path
    .map((step, at) =>
      typeof step === "number" ? `[${step + 1}]` : `${at === 0 ? "" : "."}${step}`,
    )
    .join("");
}

function shownValue(value: unknown): string {
  if (value instanceof Uint8Array) return "binary data (!!binary)";
  // JSON has no infinity, and writes null.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function valueAt(data: unknown, path: DataPath): unknown {
  let value = data;
  for (const step of path) value = (value as Record<string, unknown> | null | undefined)?.[step];
  return value;
}
