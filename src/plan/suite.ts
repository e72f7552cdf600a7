/**
 * Owns suites: several runs as data, each in the words of a command line, so that a file and a
 * command line can never mean different things.
 */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { usageError } from "../errors.ts";
import { type PlannedRun, planFromFlags } from "./from-flags.ts";
import type { PlanFlags } from "./plan-flags.ts";

const suiteSchema = z.strictObject({
  name: z.string(),
  /** Of the throwaway cluster that all runs share. */
  members: z.union([z.literal(1), z.literal(3), z.literal(5)]),
  runs: z
    .array(
      z.strictObject({
        /** What the run shows, for the person who waits for it. */
        name: z.string(),
        command: z.enum(["put", "range"]),
        /** By their names on a command line, without the dashes. */
        flags: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    )
    .min(1),
});

export type Suite = z.infer<typeof suiteSchema>;

/** @throws BenchError (usage) that names the file and what is wrong in it. */
export async function loadSuite(path: string): Promise<Suite> {
  let data: unknown;
  try {
    data = parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw usageError(`${path} cannot be read as YAML: ${(cause as Error).message}`, cause);
  }
  const checked = suiteSchema.safeParse(data);
  if (checked.success) return checked.data;
  const { path: where, message } = checked.error.issues[0]!;
  throw usageError(`${path}: ${where.join(".")}: ${message}`);
}

/** The plan of one run against the cluster at `endpoints`. */
export function planSuiteRun(run: Suite["runs"][number], endpoints: readonly string[]): PlannedRun {
  const flags: Record<string, string | boolean> = { endpoints: endpoints.join(",") };
  for (const [name, value] of Object.entries(run.flags)) {
    flags[name] = typeof value === "number" ? String(value) : value;
  }
  const planFlags: PlanFlags = flags;
  return run.command === "put"
    ? planFromFlags({ command: "put", flags: planFlags }, {})
    : planFromFlags({ command: "range", flags: planFlags, key: null, end: null }, {});
}
