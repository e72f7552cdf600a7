/**
 * Owns what may stand in the file of a suite, built from the commands that there are: the one
 * schema that files are held against and that the JSON Schema for editors is written from.
 */
import { z } from "zod";
import { allCellFlags, type CommandShape, cellFlags, type FlagShape } from "./command-shape.ts";

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
  "expect",
];
export const SUITE_KEYS: readonly string[] = [
  "name",
  "describe",
  "order",
  "seed",
  "repeats",
  "etcd",
  "flags",
  "cells",
];

const text = z.union([z.string(), z.number()]);

/** Flags of the same meaning share one schema, so that the JSON Schema says each once. */
class FlagSchemas {
  readonly #known = new Map<string, z.ZodType>();

  of(flag: FlagShape): z.ZodType {
    const key = JSON.stringify([flag.kind, flag.repeatable, flag.describe, flag.default]);
    let schema = this.#known.get(key);
    if (schema === undefined) {
      const { describe, default: usual } = flag;
      schema = valueSchema(flag).describe(
        usual === undefined ? describe : `${describe} [${usual}]`,
      );
      this.#known.set(key, schema);
    }
    return schema;
  }

  setOf(flags: readonly FlagShape[]): z.ZodType {
    return z
      .strictObject(Object.fromEntries(flags.map((flag) => [flag.name, this.of(flag).optional()])))
      .default({});
  }

  matrixOf(flags: readonly FlagShape[]): z.ZodType {
    const axes = flags.map((flag) => [flag.name, z.array(this.of(flag)).min(1).optional()]);
    return z
      .strictObject(Object.fromEntries(axes))
      .default({})
      .describe("values by flag: each combination is a cell of its own, the last flag's first");
  }
}

function valueSchema({ kind, repeatable }: FlagShape): z.ZodType {
  if (kind === "switch") return z.boolean();
  if (kind === "optional") return z.union([z.string(), z.number(), z.boolean()]);
  return repeatable ? z.union([z.string(), z.number(), z.array(text).min(1)]) : text;
}

const sharing = z
  .enum(["shared", "fresh"])
  .describe("fresh: each run has a throwaway etcd of its own, which takes --local");
const repeats = z.int().min(1).max(10_000).describe("runs of each cell");

const built = new WeakMap<readonly CommandShape[], z.ZodType<SuiteFile>>();

export function suiteSchema(commands: readonly CommandShape[]): z.ZodType<SuiteFile> {
  const schema = built.get(commands) ?? buildSchema(commands);
  built.set(commands, schema);
  return schema;
}

function buildSchema(commands: readonly CommandShape[]): z.ZodType<SuiteFile> {
  const flags = new FlagSchemas();
  const stepOf = (command: CommandShape) => ({
    command: z.literal(command.name),
    ...(command.maxPositionals > 0 && {
      args: z
        .array(text)
        .max(command.maxPositionals)
        .optional()
        .describe("what stands behind the command and is no flag"),
    }),
    flags: flags.setOf(cellFlags(command)),
  });
  const [first, ...others] = commands.map((command) => z.strictObject(stepOf(command)));
  const step = z.discriminatedUnion("command", [first!, ...others]);
  const cellOf = (command: CommandShape) =>
    z.strictObject({
      name: z.string().min(1).max(120).describe("what the cell shows, in a few words"),
      ...stepOf(command),
      matrix: flags.matrixOf(cellFlags(command)),
      prepare: z
        .array(step)
        .default([])
        .describe(
          "carried out before each run, on the same etcd, and not kept; the cell's own flags of load and workload hold here too",
        ),
      repeats: repeats.optional(),
      etcd: sharing.optional(),
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
    flags: flags
      .setOf([...allCellFlags(commands).values()])
      .describe("of every cell whose command takes them, where the cell does not say otherwise"),
    cells: z.array(z.discriminatedUnion("command", [firstCell!, ...otherCells])).min(1),
  }) as unknown as z.ZodType<SuiteFile>;
}

/** For editors: completes and checks a suite as bench itself does. */
export function suiteJsonSchema(commands: readonly CommandShape[]): object {
  const { $schema, ...schema } = z.toJSONSchema(suiteSchema(commands), {
    reused: "ref",
    io: "input",
  });
  return { $schema, title: "A suite of etcd benchmarks, for bench run", ...schema };
}
