/** The flags of `bench list`. */
import { NO_COLOR, OUTPUT } from "../../flags/output.ts";
import { like } from "../../flags/vocabulary.ts";

export const LIST_FLAGS = {
  output: like(OUTPUT, {
    describe: "FORMAT[=FILE]: table, markdown or json; to standard output without FILE",
  }),
  noColor: NO_COLOR,
};
