/** The flags of `bench list`. */
import { NO_COLOR, OUTPUT } from "../../flags/output.ts";
import { like, parsed, repeated, toggle } from "../../flags/vocabulary.ts";
import { badValue } from "../../units.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";

const output = { group: "Output:" } as const;

/** Of what the lines of a list are about. */
const COMMANDS = [...MEASURING_COMMANDS.map(({ name }) => name), "comparison", "trend"];

const DAY_MS = 86_400_000;

export const LIST_FLAGS = {
  labels: repeated<readonly [string, string | null]>(
    {
      ...output,
      name: "label",
      sectionOnly: true,
      describe: "KEY=VALUE that results have, or KEY with any value; repeatable, all must hold",
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
      describe: "results of this workload, or comparison or trend; repeatable",
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
  since: moment("since", "DATE (UTC) from which on results were started, e.g. 2026-08-01", 0),
  until: moment("until", "DATE (UTC) up to which results were started, that day included", DAY_MS),
  hasPublished: toggle({
    ...output,
    name: "published",
    describe: "with the figures that others published",
  }),
  output: like(OUTPUT, {
    describe: "FORMAT[=FILE]: table, markdown or json; to standard output without FILE",
  }),
  noColor: NO_COLOR,
};

/** A day, or a time of ISO 8601; `lengthMs` is added to a day. */
function moment(name: string, describe: string, lengthMs: number) {
  return parsed(
    { ...output, name, sectionOnly: true, describe },
    {
      isText: true,
      parse(flag, given) {
        const isDay = /^\d{4}-\d\d-\d\d$/.test(given);
        const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z?$/.test(given);
        const text = isTime && !given.endsWith("Z") ? `${given}Z` : given;
        const ms = isDay || isTime ? Date.parse(text) : Number.NaN;
        if (Number.isFinite(ms)) return new Date(ms + (isDay ? lengthMs : 0)).toISOString();
        throw badValue(flag, given, "a date or time in UTC", "2026-08-01");
      },
      format: (time: string) => time,
    },
  );
}
