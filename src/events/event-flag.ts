/** Reads and writes `--event`: `at=10s for=5s kill leader`. */
import { flagError } from "../errors.ts";
import { repeated } from "../flags/vocabulary.ts";
import { lacksSecrets } from "../text/command-secrets.ts";
import { readDurationMs } from "../units.ts";
import { TIMED_EVENTS } from "./catalogue.ts";
import type { TimedEvent, TimedPlan } from "./timed-event.ts";
import { EVENT_FLAG_NAME, readAction, timedText } from "./timed-plans.ts";

const EXAMPLE = `--${EVENT_FLAG_NAME}='at=10s for=5s kill leader'`;
const LONGEST_MS = 500 * 3_600_000;

export const EVENT = repeated<TimedPlan>(
  {
    group: "Workload:",
    name: EVENT_FLAG_NAME,
    describe:
      "'at=TIME [for=TIME] ACTION': a fault or a change while the load runs, e.g. " +
      `'at=10s for=5s kill leader'; ACTION is ${TIMED_EVENTS.map(({ verb }) => verb).join(", ")} (docs/events.md)`,
  },
  { isText: true, parse: readTimedPlan, format: timedText },
);

/** @throws BenchError (usage) with the fix */
function readTimedPlan(flag: string, text: string): TimedPlan {
  const { atMs, ...rest } = readEventText(flag, text);
  if (atMs !== null) return { atMs, ...rest };
  throw bad(flag, text, `it has no time; put at= before it, e.g. ${EXAMPLE}`);
}

/**
 * An event with or without a time: a caller may have times of its own.
 * @throws BenchError (usage) with the fix
 */
export function readEventText(
  flag: string,
  text: string,
): Omit<TimedPlan, "atMs"> & { atMs: number | null } {
  const times: { at: number | null; for: number | null } = { at: null, for: null };
  let rest = text.trim();
  for (;;) {
    const match = /^(at|for)=(\S*)\s*/.exec(rest);
    if (match === null) break;
    const [whole, name, given] = match as unknown as [string, "at" | "for", string];
    if (times[name] !== null) throw bad(flag, text, `${name}= is given twice`);
    const ms = /^0+$/.test(given) ? 0 : readDurationMs(given);
    if (ms === null || ms > LONGEST_MS || (name === "for" && ms === 0)) {
      throw bad(
        flag,
        text,
        `${name}=${given} is no ${name === "at" ? "time" : "duration"}, e.g. ${name}=5s`,
      );
    }
    times[name] = ms;
    rest = rest.slice(whole.length);
  }
  const event = eventOf(flag, text, rest);
  const read = readAction(rest, TIMED_EVENTS);
  if (read === null) {
    throw bad(flag, text, `its arguments are not understood; give ${usageOf(event)}`);
  }
  if (event.verb === "exec" && lacksSecrets(read.action.text)) {
    throw bad(
      flag,
      text,
      "it has *** in the place of a secret, which nothing saved or printed holds; begin again " +
        "with the true command, or let the command read it from a file",
    );
  }
  if (times.for !== null && !event.lasts) {
    throw bad(flag, text, `${event.verb} is done at once and takes no for=; leave for= out`);
  }
  const { verb } = event;
  const action = read.action.text === "" ? verb : `${verb} ${read.action.text}`;
  return { atMs: times.at, lastsMs: times.for, action };
}

function eventOf(flag: string, text: string, rest: string): TimedEvent {
  const [verb = ""] = rest.split(/\s+/);
  const event = TIMED_EVENTS.find((each) => each.verb === verb);
  if (event !== undefined) return event;
  const known = TIMED_EVENTS.map((each) => each.verb).join(", ");
  const what =
    verb === "" ? "it says not what is to happen" : `${JSON.stringify(verb)} is no event`;
  throw bad(flag, text, `${what}; give one of ${known}, e.g. ${EXAMPLE}`);
}

function usageOf({ verb, usage }: TimedEvent): string {
  return usage === "" ? verb : `${verb} ${usage}`;
}

function bad(flag: string, text: string, why: string): Error {
  return flagError(EVENT_FLAG_NAME, `${flag}='${text}': ${why}`);
}
