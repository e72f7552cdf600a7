/** Says why a command does not take a flag, and which one a user may have meant. */
import { type BenchError, usageError } from "../../errors.ts";
import { meantByForeign } from "../../flags/foreign-flags.ts";
import { nearestName } from "../../nearest-name.ts";
import { type Command, fullNameOf } from "../command.ts";

/** An error names at most so many commands. */
const MANY_COMMANDS = 4;

/**
 * @param flag by its own name, and as it was typed
 * @param command null: none was named
 */
export function refusedFlag(
  { name, typed }: { name: string; typed: string },
  command: Command | null,
  commands: readonly Command[],
): BenchError {
  const takers = commands.filter((each) => each.flags.some((flag) => flag.name === name));
  const of = command === null ? "bench" : `bench ${fullNameOf(command)}`;
  // The name that a letter has in another command is not what the user wrote.
  const written = typed.replace(/^--?/, "");
  const isLetter = written.length === 1;
  const foreign = isLetter && takers.length > 0 ? null : meantByForeign(written);
  if (foreign === null && takers.length > 0) {
    const workloads = commands.flatMap(({ inner }) => inner?.commands ?? []);
    const isOfCells = takers.some(({ name: taker }) =>
      workloads.some((each) => each.name === taker),
    );
    const isSuite = command !== null && takesSet(command) && isOfCells;
    const fix = isSuite ? `for its cells, give --set ${name}=VALUE` : "leave it out";
    return usageError(`${typed}: a flag of ${takerWords(takers)}, not of ${of}; ${fix}`);
  }
  const names = (command === null ? commands : [command]).flatMap((each) =>
    each.flags.map((flag) => flag.name),
  );
  const known = [...new Set([...names, "help", "version"])];
  const nearest = isLetter ? null : nearestName(written, known);
  const meant = foreign ?? ofOneArm(written, names);
  const hint =
    meant !== null
      ? `bench has ${meant}${foreign === null || command === null ? "" : elsewhere(foreign, command, commands)}`
      : nearest === null
        ? `see ${of} --help=all`
        : `did you mean --${nearest}?`;
  return usageError(`${typed}: no such flag of ${of}; ${hint}`);
}

/** `bench run`, whose cells take the flags of workloads. */
function takesSet({ flags }: Command): boolean {
  return flags.some(({ name }) => name === "set");
}

function takerWords(takers: readonly Command[]): string {
  const all = takers.map(({ name }) => name);
  const shown = all.length > MANY_COMMANDS ? [...all.slice(0, 2), `${all.length - 2} others`] : all;
  return shown.join(" and ");
}

/** Where the first flag of `meant` is taken; empty: the command takes one of those itself. */
export function elsewhere(meant: string, command: Command, commands: readonly Command[]): string {
  const takersOf = (name: string) =>
    commands.filter(({ flags }) => flags.some((flag) => flag.name === name));
  const meantFlags = flagsIn(meant);
  // A command after another one, as `ab put`, is not in the list.
  const isTaken = (name: string) => command.flags.some((flag) => flag.name === name);
  if (meantFlags.some(isTaken)) return "";
  const name = meantFlags.find((each) => takersOf(each).length > 0);
  if (name === undefined) return "";
  return takesSet(command)
    ? `; for the cells of a suite, --set ${name}=VALUE`
    : `; it is a flag of ${takerWords(takersOf(name))}, not of bench ${fullNameOf(command)}`;
}

function flagsIn(text: string): string[] {
  return [...text.matchAll(/--([a-z][\w-]*)/g)].map(([, name]) => name!);
}

/** `a-clients` of a comparison, whose arms have no flags of their own for what the workload takes. */
function ofOneArm(written: string, names: readonly string[]): string | null {
  const [, arm, given] = /^([ab])-(.+)$/.exec(written) ?? [];
  if (given === undefined || !names.includes(`${arm}-flags`)) return null;
  const meant = names.includes(given) ? [given] : flagsIn(meantByForeign(given) ?? "");
  const name = meant.find((each) => names.includes(each));
  if (name === undefined) return null;
  return `--${arm}-flags='--${name}=VALUE', for arm ${arm} alone`;
}
