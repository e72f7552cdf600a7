/** The flags of `bench list`. */
import { NO_COLOR } from "../../flags/output.ts";
import { parsed, repeated, toggle } from "../../flags/vocabulary.ts";
import { badValue } from "../../units.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import { outputFlag } from "../output/output-flag.ts";

const output = { group: "Output:" } as const;

/** Of what the lines of a list are about. */
const COMMANDS = [
  ...MEASURING_COMMANDS.map(({ name }) => name),
  "comparison",
  "trend",
  "failover",
  "doctor",
  "memory",
];

const DAY_MS = 86_400_000;

export const LIST_FLAGS = {
  labels: repeated<readonly [string, string | null]>(
    {
      ...output,
      name: "label",
      sectionOnly: true,
      describe: "list results with label KEY=VALUE, or with KEY; repeatable, all must match",
    },
    {
      isText: true,
      parse(flag, given) {
        const equals = given.indexOf("=");
        if (given === "" || equals === 0) throw badValue(flag, given, "KEY=VALUE or KEY", "commit");
        return equals < 0 ? [given, null] : [given.slice(0, equals), given.slice(equals + 1)];
      },
      format: ([name, value]) => (value === null ? name : `${name}=${value}`),
    },
  ),
  commands: repeated<string>(
    {
      ...output,
      name: "command",
      sectionOnly: true,
      describe:
        "list results of this workload, or comparison, trend, failover, doctor or memory; repeatable",
    },
    {
      choices: COMMANDS,
      parse(flag, given) {
        if (COMMANDS.includes(given)) return given;
        throw badValue(flag, given, `one of ${COMMANDS.join(", ")}`, "put");
      },
      format: (given) => given,
    },
  ),
  since: timeFlag(
    "since",
    "DATE (UTC), e.g. 2026-08-01: list results that started then or later",
    0,
  ),
  until: timeFlag(
    "until",
    "DATE (UTC): list results that started up to the end of that day",
    DAY_MS,
  ),
  hasPublished: toggle({
    ...output,
    name: "published",
    describe: "list published figures, too",
  }),
  output: outputFlag("listing"),
  noColor: NO_COLOR,
};

/** Date.parse takes 30 February for 2 March. Of a text that begins with a day. */
function isInCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const ms = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(day);
}

/** A day, or a time of ISO 8601; `lengthMs` is added to a day. */
function timeFlag(name: string, describe: string, lengthMs: number) {
  return parsed(
    { ...output, name, sectionOnly: true, describe },
    {
      isText: true,
      parse(flag, given) {
        const isDay = /^\d{4}-\d\d-\d\d$/.test(given);
        const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z?$/.test(given);
        const text = isTime && !given.endsWith("Z") ? `${given}Z` : given;
        const ms = (isDay || isTime) && isInCalendar(given) ? Date.parse(text) : Number.NaN;
        if (Number.isFinite(ms)) return new Date(ms + (isDay ? lengthMs : 0)).toISOString();
        throw badValue(flag, given, "a date or time in UTC", "2026-08-01");
      },
      format: (time: string) => time,
    },
  );
}
