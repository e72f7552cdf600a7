/** Makes a suite shorter, or longer: its totals and durations, and nothing else. */

import { EVENT } from "../events/event-flag.ts";
import { type Flag, shownDefault } from "../flags/flag.ts";
import { formatDuration, readCount, readDurationMs } from "../units.ts";
import type { FlagSet } from "./schema.ts";

/** Less is hardly a measurement. */
const SHORTEST_MS = 200;

/** The flags with all that ends or divides the run multiplied by `factor`. */
export function scaled(flags: FlagSet, shapes: readonly Flag[], factor: number): FlagSet {
  if (factor === 1) return flags;
  const result = { ...flags };
  // A command's own flags come after the shared ones, and its duration after its total.
  const ends = shapes.filter(({ scales }) => scales === "end").toReversed();
  // Of a run whose flags do not say how long it is, the first that the command has a default for.
  if (ends.every(({ name }) => flags[name] === undefined)) {
    for (const flag of ends) {
      const text = scaledText(shownDefault(flag), factor);
      if (text === null) continue;
      result[flag.name] = text;
      break;
    }
  }
  for (const { name } of shapes.filter(({ scales }) => scales !== undefined)) {
    const text = scaledText(flags[name], factor);
    if (text !== null) result[name] = text;
  }
  const events = flags[EVENT.name];
  if (typeof events === "string") result[EVENT.name] = scaledEvent(events, factor);
  if (Array.isArray(events)) {
    result[EVENT.name] = events.map((each) => scaledEvent(String(each), factor));
  }
  return result;
}

/** An event keeps its place in a run that is shorter or longer. */
function scaledEvent(text: string, factor: number): string {
  return text.replace(/\b(at|for)=(\S+)/g, (whole, name: string, given: string) => {
    const ms = readDurationMs(given);
    if (ms === null || ms === 0) return whole;
    return `${name}=${formatDuration(Math.max(1, Math.round(ms * factor)))}`;
  });
}

/** Null for what is no count or duration, or no more than zero, which plans refuse or take as none. */
function scaledText(value: FlagSet[string] | undefined, factor: number): string | null {
  if (value === undefined || Array.isArray(value)) return null;
  const text = String(value);
  const count = readCount(text);
  if (count !== null) return count === 0 ? null : String(Math.max(1, Math.round(count * factor)));
  const ms = readDurationMs(text);
  if (ms === null || ms === 0) return null;
  return formatDuration(Math.max(Math.min(ms, SHORTEST_MS), Math.round(ms * factor)));
}
