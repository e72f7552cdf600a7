/** The flags of `bench config`. */
import { NO_COLOR } from "../../flags/output.ts";
import { repeated } from "../../flags/vocabulary.ts";
import { badValue } from "../../units.ts";

const FORMATS = ["table", "json"] as const;

type Format = (typeof FORMATS)[number];

export const CONFIG_FLAGS = {
  formats: repeated<Format>(
    {
      group: "Output:",
      name: "output",
      short: "o",
      sectionOnly: true,
      shownDefault: "table",
      describe: "table or json, to standard output",
    },
    {
      choices: FORMATS,
      parse(flag, given) {
        const found = FORMATS.find((each) => each === given);
        if (found !== undefined) return found;
        throw badValue(flag, given, "table or json", "json");
      },
      format: (format) => format,
    },
  ),
  noColor: NO_COLOR,
};
