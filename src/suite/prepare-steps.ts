/** Makes the command lines of a cell's preparation, and replaces `$flag` by the cell's value. */
import { usageError } from "../errors.ts";
import { SCHEDULED_EVENTS } from "../events/catalogue.ts";
import { EVENT } from "../events/event-flag.ts";
import type { Flag } from "../flags/flag.ts";
import { RATE_NAMES, SEARCH_NAMES, TOTAL_NAMES } from "../flags/load.ts";
import { type CommandShape, cellFlags } from "./command-shape.ts";
import { commandWords } from "./flag-words.ts";
import { scaled } from "./scale.ts";
import type { FlagSet, StepFile } from "./schema.ts";

/** They say how long, how fast or what else: what is prepared ends by what it says itself. */
const NOT_OF_PREPARING: ReadonlySet<string> = new Set([
  ...TOTAL_NAMES,
  ...RATE_NAMES,
  "duration",
  "warmup",
  ...SEARCH_NAMES,
  "cleanup",
  ...SCHEDULED_EVENTS.flatMap(({ flags }) => flags.map(({ name }) => name)),
  EVENT.name,
]);

/** `$conns` is the value of the cell's --conns, `$$` a dollar. */
export function resolve(flags: FlagSet, cell: FlagSet, place: string): FlagSet {
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

export function stepWords(
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
