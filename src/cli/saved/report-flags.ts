/** The flags of `bench report`. */
import { PRINT_FLAGS } from "../../flags/output.ts";
import { parsed } from "../../flags/vocabulary.ts";

export const REPORT_FLAGS = {
  ...PRINT_FLAGS,
  html: parsed(
    {
      group: "Output:",
      name: "html",
      describe: "=FILE: write the page; without FILE to standard output, as --output=html",
    },
    {
      kind: "optional",
      bareValue: "-",
      parse: (_, file) => file,
      format: (file: string) => file,
    },
  ),
};
