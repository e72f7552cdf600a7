/** The flags of `bench report`. */
import { PRINT_FLAGS } from "../../flags/output.ts";
import { textOrBare } from "../../flags/vocabulary.ts";

export const REPORT_FLAGS = {
  ...PRINT_FLAGS,
  html: textOrBare(
    {
      group: "Output:",
      name: "html",
      describe: "=FILE: write the page; without FILE to standard output, as --output=html",
    },
    "-",
  ),
};
