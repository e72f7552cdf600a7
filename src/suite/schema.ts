/**
 * Builds the schema of a suite's file from the commands that there are: the one
 * schema that files are checked with and that the JSON Schema for editors is written from.
 */
import * as z from "zod";
import { type Flag, shownDefault } from "../flags/flag.ts";
import { allCellFlags, type CommandShape, cellFlags } from "./command-shape.ts";

export type FlagValue = string | number | boolean;
/** By their names on a command line, without the dashes; a list for one that may be repeated. */
export type FlagSet = Record<string, FlagValue | FlagValue[]>;
export type Order = "fixed" | "shuffled" | "interleaved";
export type EtcdSharing = "shared" | "fresh";

export interface StepFile {
  command: string;
  args?: FlagValue[];
  flags: FlagSet;
}

export interface CellFile extends StepFile {
  name: string;
  /** Each combination of the values is a cell of its own. */
  matrix: Record<string, FlagSet[string][]>;
  /** Carried out before each run, on the same etcd, and not kept. */
  prepare: StepFile[];
  repeats?: number;
  etcd?: EtcdSharing;
  "server-args"?: string[];
  expect?: string;
}

export interface SuiteFile {
  name: string;
  describe?: string;
  order: Order;
  /** Of the shuffle. */
  seed: number;
  repeats: number;
  etcd: EtcdSharing;
  /** Further flags of the members of throwaway clusters. */
  "server-args"?: string[];
  /** Of every cell whose command takes them. */
  flags: FlagSet;
  cells: CellFile[];
}

export const STEP_KEYS: readonly string[] = ["command", "args", "flags"];
export const CELL_KEYS: readonly string[] = [
  "name",
  ...STEP_KEYS,
  "matrix",
  "prepare",
  "repeats",
  "etcd",
  "server-args",
  "expect",
];
export const SUITE_KEYS: readonly string[] = [
  "name",
  "describe",
  "order",
  "seed",
  "repeats",
  "etcd",
  "server-args",
  "flags",
  "cells",
];

const text = z.union([z.string(), z.number()]);

/** Flags of the same meaning share one schema, so that the JSON Schema says each once. */
class FlagSchemas {
  readonly #known = new Map<string, { one: z.ZodType; list: z.ZodType }>();
  readonly #uses = new Map<string, number>();

  #of(flag: Flag): { one: z.ZodType; list: z.ZodType } {
    const { name, kind, repeatable, describe } = flag;
    const usual = shownDefault(flag);
    const key = JSON.stringify([name, kind, repeatable, describe, usual]);
    let known = this.#known.get(key);
    if (known === undefined) {
      const uses = (this.#uses.get(name) ?? 0) + 1;
      this.#uses.set(name, uses);
      const id = uses === 1 ? name : `${name}.${uses}`;
      const description = usual === undefined ? describe : `${describe} [${usual}]`;
      const one = valueSchema(flag).meta({ id, description });
      const list = z
        .array(one)
        .min(1)
        .meta({ id: `${id}.list` });
      known = { one, list };
      this.#known.set(key, known);
    }
    return known;
  }

  setOf(flags: readonly Flag[], id: string): z.ZodType {
    const shape = flags.map((flag) => [flag.name, this.#of(flag).one.optional()]);
    return z.strictObject(Object.fromEntries(shape)).meta({ id });
  }

  matrixOf(flags: readonly Flag[], id: string): z.ZodType {
    const axes = flags.map((flag) => [flag.name, this.#of(flag).list.optional()]);
    return z.strictObject(Object.fromEntries(axes)).meta({
      id,
      description: "values by flag: each combination is a cell of its own, the last flag's first",
    });
  }
}

function valueSchema({ kind, repeatable }: Flag): z.ZodType {
  if (kind === "switch") return z.boolean();
  if (kind === "optional") return z.union([z.string(), z.number(), z.boolean()]);
  return repeatable ? z.union([z.string(), z.number(), z.array(text).min(1)]) : text;
}

const sharing = z
  .enum(["shared", "fresh"])
  .describe("fresh: each run has a temporary etcd of its own, which needs --local");
const serverArgs = z
  .array(z.string())
  .describe("further flags of each member of a temporary etcd, e.g. --snapshot-count=10000");
const repeats = z.int().min(1).max(10_000).describe("runs of each cell");

const built = new WeakMap<readonly CommandShape[], z.ZodType<SuiteFile>>();

export function suiteSchema(commands: readonly CommandShape[]): z.ZodType<SuiteFile> {
  const schema = built.get(commands) ?? buildSchema(commands);
  built.set(commands, schema);
  return schema;
}

function buildSchema(commands: readonly CommandShape[]): z.ZodType<SuiteFile> {
  const flags = new FlagSchemas();
  const stepOf = (command: CommandShape, set: z.ZodType) => ({
    command: z.literal(command.name),
    ...(command.maxPositionals > 0 && {
      args: z
        .array(text)
        .max(command.maxPositionals)
        .optional()
        .describe("arguments of the command that are no flags"),
    }),
    flags: set.default({}),
  });
  const sets = new Map(
    commands.map((command) => [
      command.name,
      flags.setOf(cellFlags(command), `${command.name}.flags`),
    ]),
  );
  const [first, ...others] = commands.map((command) =>
    z.strictObject(stepOf(command, sets.get(command.name)!)),
  );
  const step = z.discriminatedUnion("command", [first!, ...others]).meta({ id: "step" });
  const cellOf = (command: CommandShape) =>
    z.strictObject({
      name: z.string().min(1).max(120).describe("what the cell shows, in a few words"),
      ...stepOf(command, sets.get(command.name)!),
      matrix: flags.matrixOf(cellFlags(command), `${command.name}.matrix`).default({}),
      prepare: z
        .array(step)
        .default([])
        .describe(
          "carried out before each run, on the same etcd, and not kept; the cell's own flags of load and workload hold here too",
        ),
      repeats: repeats.optional(),
      etcd: sharing.optional(),
      "server-args": serverArgs.optional(),
      expect: z
        .string()
        .optional()
        .describe("how long a run takes, e.g. 20s, where its flags do not say: for --dry-run"),
    });
  const [firstCell, ...otherCells] = commands.map(cellOf);
  return z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, "not a name of small letters, digits and dashes")
      .max(60),
    describe: z.string().optional().describe("what the suite shows, in a sentence"),
    order: z
      .enum(["fixed", "shuffled", "interleaved"])
      .default("fixed")
      .describe(
        "fixed: as written, the repeats of a cell one after another; interleaved: one run of each cell, then the next, every second round backwards; shuffled: by chance, from the seed",
      ),
    seed: z.int().min(0).max(0xffffffff).default(1).describe("of the shuffle"),
    repeats: repeats.default(1),
    etcd: sharing.default("shared"),
    "server-args": serverArgs.optional(),
    flags: flags
      .setOf([...allCellFlags(commands).values()], "any.flags")
      .default({})
      .describe("of every cell whose command takes them, where the cell does not say otherwise"),
    cells: z.array(z.discriminatedUnion("command", [firstCell!, ...otherCells])).min(1),
  }) as unknown as z.ZodType<SuiteFile>;
}

/** The text of a JSON Schema for editors, which completes and checks a suite as bench itself does. */
export function suiteJsonSchemaText(commands: readonly CommandShape[]): string {
  const { $schema, ...schema } = z.toJSONSchema(suiteSchema(commands), { io: "input" });
  const titled = { $schema, title: "A suite of etcd benchmarks, for bench run", ...schema };
  return `${JSON.stringify(titled, null, 1)}\n`;
}
