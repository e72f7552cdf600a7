/**
 * Makes the cells of a suite: every combination of a matrix, with the flags of all its sources, as
 * the words of a command line. Pure; the words are checked where they are read.
 */
import { usageError } from "../errors.ts";
import type { Flag } from "../flags/flag.ts";
import { REPLACED_TARGETS } from "../flags/target.ts";
import { userName } from "../plan/access-from-flags.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";
import { parseDurationMs } from "../units.ts";
import { checkSets, checkSharedFlags } from "./check-flags.ts";
import { type CommandShape, cellFlags } from "./command-shape.ts";
import { commandWords } from "./flag-words.ts";
import { axesOf, type Choice, combinations } from "./matrix.ts";
import { resolve, stepWords } from "./prepare-steps.ts";
import type { ReadSuite } from "./read.ts";
import { scaled } from "./scale.ts";
import type { CellFile, EtcdSharing, FlagSet } from "./schema.ts";
import { type Selection, selectedCells } from "./selection.ts";
import type { DataPath } from "./source.ts";

/** What the user says in addition to the file. */
export interface Overrides extends Selection {
  /** In place of a flag's value in every cell that takes it; several are an axis. */
  sets: ReadonlyMap<string, readonly string[]>;
  /** Of totals and durations. */
  scale: number;
  repeats: number | null;
  /** Of the target, and labels: they go before what the file says. */
  flags: FlagSet;
}

export interface Cell {
  /** `writes, conns=100`: unlike any other of the suite. */
  name: string;
  /** Of a cell that is measured in several arms, which one this is. */
  arm: string | null;
  /** Of its matrix. */
  values: Record<string, string>;
  words: string[];
  prepare: string[][];
  etcd: EtcdSharing;
  /** Of each member of a throwaway cluster. */
  serverArgs: readonly string[];
  repeats: number;
  expectMs: number | null;
  /** Where the file says this flag of the cell, `command` or `args`; null: it does not. */
  placeOf(flag: string): string | null;
}

/** Of all cells and repeats; a second each, they take more than a day. */
const MOST_RUNS = 100_000;

/** @throws BenchError (usage) that names the place in the file, or the flag */
export function cellsOf(
  read: ReadSuite,
  commands: readonly CommandShape[],
  overrides: Overrides,
): Cell[] {
  const { suite, source } = read;
  checkSets(read, commands, overrides.sets);
  checkSharedFlags(read, commands);
  checkRuns(read, commands, overrides);
  const cells: Cell[] = [];
  const names = new Map<string, number>();
  for (const [index, file] of suite.cells.entries()) {
    const shapes = cellFlags(commands.find(({ name }) => name === file.command)!);
    const expectMs = expectOf(file, source.place(["cells", index, "expect"]), overrides.scale);
    for (const combination of combinations(axesOf(read, file, shapes, index, overrides.sets))) {
      const values = Object.fromEntries(
        combination.map(({ flag, value }) => [flag, shown(flag, value)]),
      );
      const axes = Object.entries(values).map((pair) => pair.join("="));
      // It becomes the name of a file, in which no exit would find a password any more.
      const name = dataWithoutSecrets([file.name, ...axes].join(", "));
      const known = names.get(name);
      if (known !== undefined) {
        const first = source.place(["cells", known, "name"]);
        throw usageError(
          `${source.place(["cells", index, "name"])}: the cell ${JSON.stringify(name)} is there already (${first}); give it another name`,
        );
      }
      names.set(name, index);
      const merged = mergeFlags(read, file, index, shapes, combination, overrides);
      const resolved = resolve(merged.flags, merged.flags, source.place(["cells", index]));
      const prepare = file.prepare.map((step, at) =>
        stepWords(step, resolved, shapes, commands, {
          scale: overrides.scale,
          place: source.place(["cells", index, "prepare", at]),
        }),
      );
      cells.push({
        name,
        arm: null,
        values,
        words: commandWords(
          file.command,
          shapes,
          scaled(resolved, shapes, overrides.scale),
          file.args ?? [],
        ),
        prepare,
        etcd: file.etcd ?? suite.etcd,
        serverArgs: file["server-args"] ?? suite["server-args"] ?? [],
        repeats: overrides.repeats ?? file.repeats ?? suite.repeats,
        expectMs,
        placeOf(flag) {
          const path = merged.paths.get(flag);
          return path === undefined ? null : source.place(path);
        },
      });
    }
  }
  return selectedCells(cells, overrides, suite.name);
}

/** Counted before any of them is made: a matrix multiplies. */
function checkRuns(
  read: ReadSuite,
  commands: readonly CommandShape[],
  { sets, repeats }: Overrides,
): void {
  const { suite, source } = read;
  let cells = 0;
  let runs = 0;
  for (const [index, file] of suite.cells.entries()) {
    const shapes = cellFlags(commands.find(({ name }) => name === file.command)!);
    const axes = axesOf(read, file, shapes, index, sets);
    const combined = axes.reduce((product, axis) => product * axis.length, 1);
    cells += combined;
    runs += combined * (repeats ?? file.repeats ?? suite.repeats);
  }
  if (runs <= MOST_RUNS) return;
  const count = (number: number) => number.toLocaleString("en-US");
  throw usageError(
    `${source.name}: ${count(runs)} runs of ${count(cells)} cells, and a suite has at most ${count(MOST_RUNS)}; give its matrices fewer values, or fewer repeats (--repeats)`,
  );
}

/** Of all that say something the last one counts: suite, cell, matrix, `--set`, command line. */
function mergeFlags(
  { suite }: ReadSuite,
  file: CellFile,
  index: number,
  shapes: readonly Flag[],
  combination: readonly Choice[],
  overrides: Overrides,
): { flags: FlagSet; paths: Map<string, DataPath> } {
  const flags: FlagSet = {};
  const paths = new Map<string, DataPath>([
    ["command", ["cells", index, "command"]],
    ["args", ["cells", index, "args"]],
    ["server-args", [...(file["server-args"] ? ["cells", index] : []), "server-args"]],
  ]);
  const say = (name: string, value: FlagSet[string], path: DataPath | null) => {
    flags[name] = value;
    if (path === null) paths.delete(name);
    else paths.set(name, path);
  };
  const takes = new Set(shapes.map(({ name }) => name));
  for (const [name, value] of Object.entries(suite.flags)) {
    if (takes.has(name)) say(name, value, ["flags", name]);
  }
  for (const [name, value] of Object.entries(file.flags)) {
    say(name, value, ["cells", index, "flags", name]);
  }
  for (const { flag, value, path } of combination) say(flag, value, path);
  for (const [name, values] of overrides.sets) {
    if (takes.has(name) && values.length === 1) say(name, values[0]!, null);
  }
  const given = overrides.flags;
  for (const [name, replaced] of REPLACED_TARGETS) {
    if (given[name] !== undefined) for (const each of replaced) delete flags[each];
  }
  for (const [name, value] of Object.entries(given)) if (takes.has(name)) say(name, value, null);
  return { flags, paths };
}

function expectOf({ expect }: CellFile, place: string, scale: number): number | null {
  if (expect === undefined) return null;
  return parseDurationMs(`${place}: expect`, expect, { example: "20s" }) * scale;
}

/** As names, labels and files have it: of a user the name alone. */
function shown(flag: string, value: FlagSet[string]): string {
  const texts = [value].flat().map((each) => (flag === "user" ? userName(String(each)) : each));
  return texts.join("+");
}
