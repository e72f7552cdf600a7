/**
 * Makes the cells of a suite: every combination of a matrix, with the flags of all its sources, as
 * the words of a command line. Pure; the words are checked where they are read.
 */
import { usageError } from "../errors.ts";
import { SCHEDULED_EVENTS } from "../events/catalogue.ts";
import { EVENT } from "../events/event-flag.ts";
import type { Flag } from "../flags/flag.ts";
import { REPLACED_TARGETS } from "../flags/target.ts";
import { nearestName } from "../nearest-name.ts";
import { userName } from "../plan/access-from-flags.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";
import { parseDurationMs } from "../units.ts";
import { allCellFlags, type CommandShape, cellFlags } from "./command-shape.ts";
import { commandWords } from "./flag-words.ts";
import type { ReadSuite } from "./read.ts";
import { scaled } from "./scale.ts";
import type { CellFile, EtcdSharing, FlagSet, StepFile } from "./schema.ts";
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

/** They say how long, how fast or what else: what is prepared ends by what it says itself. */
const NOT_OF_PREPARING: ReadonlySet<string> = new Set([
  "total",
  "duration",
  "warmup",
  "rate",
  "put-total",
  "put-rate",
  "find-max",
  "find-start",
  "find-step-duration",
  "find-precision",
  "cleanup",
  ...SCHEDULED_EVENTS.flatMap(({ flags }) => flags.map(({ name }) => name)),
  EVENT.name,
]);

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

interface Choice {
  flag: string;
  value: FlagSet[string];
  /** Null: from `--set`. */
  path: DataPath | null;
}

/** As written: the schema gives back the axes in an order of its own. */
function axisNames({ source }: ReadSuite, index: number, matrix: CellFile["matrix"]): string[] {
  const data = source.data as { cells: { matrix?: object }[] };
  const names = Object.keys(data.cells[index]?.matrix ?? {});
  return names.filter((name) => matrix[name] !== undefined);
}

/** By axis, in the file's order; `--set` takes the place of an axis, or is one at the end. */
function axesOf(
  read: ReadSuite,
  { matrix }: CellFile,
  shapes: readonly Flag[],
  index: number,
  sets: Overrides["sets"],
): Choice[][] {
  const axes = axisNames(read, index, matrix).map((flag) => {
    const values = matrix[flag]!;
    const set = sets.get(flag);
    if (set !== undefined) return set.map((value): Choice => ({ flag, value, path: null }));
    return values.map(
      (value, at): Choice => ({ flag, value, path: ["cells", index, "matrix", flag, at] }),
    );
  });
  for (const [flag, values] of sets) {
    if (values.length < 2 || matrix[flag] !== undefined) continue;
    if (shapes.some(({ name }) => name === flag)) {
      axes.push(values.map((value): Choice => ({ flag, value, path: null })));
    }
  }
  return axes;
}

/** The last axis changes fastest; one empty combination where there is no axis. */
function combinations(axes: readonly Choice[][]): Choice[][] {
  return axes.reduce<Choice[][]>(
    (found, axis) => found.flatMap((before) => axis.map((choice) => [...before, choice])),
    [[]],
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

/** `$conns` is the value of the cell's --conns, `$$` a dollar. */
function resolve(flags: FlagSet, cell: FlagSet, place: string): FlagSet {
  const one = (name: string, value: FlagSet[string]): FlagSet[string] => {
    if (typeof value !== "string" || !value.startsWith("$")) return value;
    if (value.startsWith("$$")) return value.slice(1);
    const of = value.slice(1);
    const meant = of === name ? undefined : (flags[of] ?? cell[of]);
    if (meant === undefined || (typeof meant === "string" && /^\$[^$]/.test(meant))) {
      throw usageError(
        `${place}: ${name}: ${value} is the value of the cell's ${of}, which has none of its own; give one, or write $${value} for the text itself`,
      );
    }
    return meant;
  };
  return Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, one(name, value)]));
}

function stepWords(
  step: StepFile,
  cell: FlagSet,
  cellShapes: readonly Flag[],
  commands: readonly CommandShape[],
  { scale, place }: { scale: number; place: string },
): string[] {
  const shapes = cellFlags(commands.find(({ name }) => name === step.command)!);
  const flags: FlagSet = {};
  for (const { name, kind, group } of shapes) {
    if (cell[name] === undefined || group === "Output:" || NOT_OF_PREPARING.has(name)) continue;
    // A name may mean another thing there, as --prefix of reads.
    if (cellShapes.some((shape) => shape.name === name && shape.kind === kind)) {
      flags[name] = cell[name];
    }
  }
  Object.assign(flags, resolve(step.flags, cell, place));
  return commandWords(step.command, shapes, scaled(flags, shapes, scale), step.args ?? []);
}

function checkSets(
  { suite }: ReadSuite,
  commands: readonly CommandShape[],
  sets: Overrides["sets"],
): void {
  const used = commands.filter(({ name }) => suite.cells.some(({ command }) => command === name));
  const known = [...allCellFlags(used).keys()];
  for (const name of sets.keys()) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === null ? "" : `; did you mean ${nearest}?`;
    throw usageError(
      `--set: ${JSON.stringify(name)} is no flag that a cell of ${suite.name} takes${hint}`,
    );
  }
}

/** A flag of the whole suite that no cell takes is a slip. */
function checkSharedFlags({ suite, source }: ReadSuite, commands: readonly CommandShape[]): void {
  const used = commands.filter(({ name }) => suite.cells.some(({ command }) => command === name));
  const known = allCellFlags(used);
  for (const name of Object.keys(suite.flags)) {
    if (known.has(name)) continue;
    throw usageError(
      `${source.place(["flags", name], true)}: no command of this suite takes --${name}; leave it out`,
    );
  }
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
