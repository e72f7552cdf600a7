/**
 * Reads argv with Go's habits (flags on either side of the command,
 * the last of a repeated flag, but all of a list, `--flag=false`), values by `=` alone for optional
 * ones, and errors that name what was meant. What comes out is unambiguous: every value
 * is after a `=`.
 */
import { usageError } from "../../errors.ts";
import { type Flag, shownDefault } from "../../flags/flag.ts";
import { meantByForeign } from "../../flags/foreign-flags.ts";
import { nearestName } from "../../nearest-name.ts";
import { type Command, fullNameOf } from "../command.ts";
import { elsewhere, refusedFlag } from "./refused-flag.ts";
import { isUnsupportedCommand } from "./unsupported-commands.ts";

export interface ReadArgv {
  /** `whole-help` is `--help=all`. */
  kind: "run" | "help" | "whole-help" | "version";
  /** Null: help or version of bench as a whole. */
  command: Command | null;
  /** In the order of argv; a flag that is not repeatable is there once. */
  flags: { name: string; value: string }[];
  positionals: string[];
}

interface Token {
  name: string;
  /** As the user wrote it, dashes included: `-n` of `-n=5`, whose name is `total`. */
  typed: string;
  /** After `=`; null where there is none. */
  value: string | null;
  spec: Flag | null;
}

/** Throws a usage error (exit 2) for anything that the command does not take. */
export function readArgv(argv: readonly string[], commands: readonly Command[]): ReadArgv {
  const words: string[] = [];
  const given: Token[] = [];
  let kind: ReadArgv["kind"] = "run";
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    if (argument === "--") {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      words.push(argument);
      continue;
    }
    const command = commandOf(words, commands) ?? commandOf([argv[at + 1] ?? ""], commands);
    const token = readToken(argument, commands, command);
    if (token.name === "help") kind = helpKind(kind, token.value);
    else if (token.name === "version") kind = kind === "run" ? "version" : kind;
    else {
      if (token.spec?.kind === "value" && token.value === null) {
        token.value = valueAfter(token, argv[++at]);
      }
      given.push(token);
    }
  }
  return resolve(kind, words, given, commands);
}

/** Help wins over all else, and the whole of it over a part. */
function helpKind(before: ReadArgv["kind"], value: string | null): ReadArgv["kind"] {
  if (value === "all" || before === "whole-help") return "whole-help";
  if (value === null) return "help";
  throw usageError(`--help=${value}: --help takes no value but all, e.g. --help=all`);
}

function resolve(
  kind: ReadArgv["kind"],
  words: string[],
  given: Token[],
  commands: readonly Command[],
): ReadArgv {
  if (words[0] === "help") {
    if (kind !== "whole-help") kind = "help";
    words.shift();
  }
  const name = words.shift();
  if (name === undefined) {
    if (kind !== "run") return { kind, command: null, flags: [], positionals: [] };
    for (const token of given) checkFlag(token, null, commands);
    throw usageError(
      `no command given; give one of ${commands.map((each) => each.name).join(", ")}, or --help`,
    );
  }
  const outer = commands.find((each) => each.name === name);
  if (outer === undefined) {
    // The word may be the value of an unknown flag before it.
    const unknown = isUnsupportedCommand(name) ? [] : given.filter(({ spec }) => spec === null);
    for (const token of unknown) checkFlag(token, null, commands);
    throw unknownCommand(name, commands);
  }
  const command = outer.inner === undefined ? outer : withInner(outer, words, kind);
  if (kind !== "run") return { kind, command, flags: [], positionals: [] };
  for (const token of given) checkFlag(token, command, commands);
  checkPositionals(command, words, given);
  return { kind, command, flags: lastOfEach(given), positionals: words };
}

/** What the words so far have named; null where that is no command. */
function commandOf(words: readonly string[], commands: readonly Command[]): Command | null {
  const outer = commands.find((each) => each.name === words[0]);
  const inner = outer?.inner?.commands.find((each) => each.name === words[1]);
  return inner === undefined ? (outer ?? null) : outer!.inner!.with(inner);
}

/** Takes the inner command's name off the words; help does without one. */
function withInner(outer: Command, words: string[], kind: ReadArgv["kind"]): Command {
  const command = commandOf([outer.name, words[0] ?? ""], [outer])!;
  if (command !== outer) {
    words.shift();
    return command;
  }
  if (kind !== "run" && words.length === 0) return outer;
  const names = outer.inner!.commands.map((each) => each.name);
  if (words.length === 0) {
    throw usageError(
      `${outer.name} needs a ${outer.inner!.noun} after it: give one of ${names.join(", ")}`,
    );
  }
  const nearest = nearestName(words[0]!, names);
  const hint = nearest === null ? `give one of ${names.join(", ")}` : `did you mean ${nearest}?`;
  throw usageError(
    `${JSON.stringify(words[0])} is no ${outer.inner!.noun} of bench ${outer.name}; ${hint}`,
  );
}

/** Of all lists of commands from which a line was read. */
const tables = new WeakMap<readonly Command[], ReadonlyMap<string, Flag>>();

/** Made when it is needed first: a flag of the command before it is found without it. */
function flagTable(commands: readonly Command[]): ReadonlyMap<string, Flag> {
  const made = tables.get(commands);
  if (made !== undefined) return made;
  const table = new Map<string, Flag>();
  for (const command of commands) {
    const inner = command.inner?.commands.flatMap((each) => command.inner!.with(each).flags) ?? [];
    for (const spec of [...command.flags, ...inner]) {
      const known = table.get(spec.name);
      // Of a command after another one it has its own flags, found by that command's name.
      if (known !== undefined && command.inner?.noun === "command") continue;
      const isMixed = known !== undefined && known.kind !== spec.kind;
      // Upstream has a flag that is a value here and a switch there; a third way is not for us.
      if (isMixed && (known.kind === "optional" || spec.kind === "optional")) {
        throw new Error(`--${spec.name} is a ${known.kind} here and a ${spec.kind} there`);
      }
      if (isMixed && spec.kind === "switch") continue;
      table.set(spec.name, spec);
      if (spec.short !== undefined) table.set(`-${spec.short}`, spec);
    }
  }
  tables.set(commands, table);
  return table;
}

/**
 * `command` is before the flag, or is the word after it, and is null where neither is one. It
 * decides what takes a value here and is a switch there, as upstream's --prefix of put and range.
 */
function readToken(argument: string, commands: readonly Command[], command: Command | null): Token {
  if (argument.startsWith("--")) {
    const [name, value] = splitAtEquals(argument.slice(2));
    const own = command?.flags.find((flag) => flag.name === name);
    return { name, typed: `--${name}`, value, spec: own ?? flagTable(commands).get(name) ?? null };
  }
  const [name, value] = splitAtEquals(argument.slice(1));
  if (name === "h") return { name: "help", typed: "-h", value: null, spec: null };
  const letter = name.slice(0, 1);
  const typed = `-${letter}`;
  const own = command?.flags.find(({ short }) => short === letter);
  const spec = own ?? flagTable(commands).get(`-${letter}`);
  if (spec !== undefined && name.length === 1) return { name: spec.name, typed, value, spec };
  // `-n10k`: a letter with its value attached.
  if (spec?.kind === "value" && /^\w\d/.test(name)) {
    return { name: spec.name, typed, value: argument.slice(2), spec };
  }
  if (/^-[\d.]/.test(argument)) {
    throw usageError(
      `${argument}: a key or file that starts with - goes after --, e.g. -- ${argument}`,
    );
  }
  const table = flagTable(commands);
  const names = [...table.keys()].filter((each) => !each.startsWith("-"));
  const isGuessed = name.length > 2 && meantByForeign(name) === null;
  const meant = table.has(name) ? name : isGuessed ? nearestName(name, names) : null;
  if (meant !== null) {
    throw usageError(`-${name}: long flags take two dashes, e.g. --${meant}`);
  }
  // `-d30s`: a letter with its value attached.
  const foreign = meantByForeign(/^\w\d+\w{0,2}$/.test(name) ? name.slice(0, 1) : name);
  const where = foreign === null || command === null ? "" : elsewhere(foreign, command, commands);
  const hint = foreign === null ? "" : `bench has ${foreign}${where}; `;
  throw usageError(
    `-${name}: no such flag; ${hint}a key or file that starts with - goes after --, e.g. -- -${name}`,
  );
}

function splitAtEquals(text: string): [string, string | null] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
}

function valueAfter({ typed, spec }: Token, next: string | undefined): string {
  // `--total --rate=5` forgot a value; `--total -5` gave a wrong one, which its parser reports.
  if (next === undefined || (next.startsWith("--") && spec?.holdsFlags !== true)) {
    throw usageError(
      `${typed} needs a value, e.g. ${typed}=${(spec && shownDefault(spec)) ?? "VALUE"}`,
    );
  }
  return next;
}

function checkFlag(token: Token, command: Command | null, commands: readonly Command[]): void {
  const { name, typed, spec } = token;
  const isTaken = command === null || command.flags.some((flag) => flag.name === name);
  if (spec !== null && isTaken) {
    if (spec.kind === "switch") token.value = String(readSwitch(typed, token.value));
    if (spec.kind === "optional") token.value ??= spec.bareValue ?? "";
    return;
  }
  throw refusedFlag(token, command, commands);
}

/** The words that Go's flag package takes for a boolean. */
export function readSwitch(typed: string, value: string | null): boolean {
  if (value === null || /^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw usageError(
    `${typed}: ${JSON.stringify(value)} is not true or false, e.g. ${typed} or ${typed}=false`,
  );
}

function unknownCommand(name: string, commands: readonly Command[]): Error {
  const names = commands.map((each) => each.name);
  if (isUnsupportedCommand(name)) {
    return usageError(
      `${name}: etcd's benchmark tool has this command, bench does not offer it yet; ` +
        `give one of ${names.join(", ")}`,
    );
  }
  const nearest = nearestName(name, names);
  const hint = nearest === null ? `give one of ${names.join(", ")}` : `did you mean ${nearest}?`;
  return usageError(`${JSON.stringify(name)} is no command of bench; ${hint}`);
}

function checkPositionals(
  command: Command,
  words: readonly string[],
  given: readonly Token[],
): void {
  const usage = `bench ${fullNameOf(command)} ${command.positionals}`.trimEnd();
  if (words.length < command.minPositionals) {
    throw usageError(`${fullNameOf(command)} needs more arguments: ${usage}`);
  }
  if (words.length > command.maxPositionals) {
    if (given.some(({ name, value }) => name === "user" && value?.includes(":") === false)) {
      // The word may be the password, and is not repeated.
      throw usageError(
        `${usage} takes fewer arguments; a password goes after the user's name and a colon, --user=NAME:PASSWORD`,
      );
    }
    const extra = words[command.maxPositionals]!;
    throw usageError(
      `${JSON.stringify(extra)}: ${usage} takes no such argument (a value goes after =, e.g. --flag=value)`,
    );
  }
}

/** All of a list in the place of its last part. */
function lastOfEach(given: readonly Token[]): ReadArgv["flags"] {
  return given
    .filter(
      (token, at) =>
        token.spec?.repeatable === true ||
        given.findLastIndex((each) => each.name === token.name) === at,
    )
    .map(({ name, value, spec }) => ({
      name,
      value: spec?.isList === true ? wholeList(name, given) : (value ?? ""),
    }));
}

function wholeList(name: string, given: readonly Token[]): string {
  const values = given.filter((token) => token.name === name).map(({ value }) => value ?? "");
  return values.join(",");
}
