/** The flags of `bench report`. */
import { PRINT_FLAGS } from "../../flags/output.ts";
import { textOrBare } from "../../flags/vocabulary.ts";
import { outputFlag } from "../output/output-flag.ts";

export const REPORT_FLAGS = {
  ...PRINT_FLAGS,
  output: outputFlag(null),
  html: textOrBare(
    {
      group: "Output:",
      name: "html",
      describe: "=FILE: write the page; without FILE to standard output, as --output=html",
    },
    "-",
  ),
};
