/** The flags of `bench report`. */
import { PRINT_FLAGS } from "../../flags/output.ts";
import { parsed } from "../../flags/vocabulary.ts";

export const REPORT_FLAGS = {
  ...PRINT_FLAGS,
  html: parsed(
    {
      group: "Output:",
      name: "html",
      describe: "=FILE: the page of them; to standard output without FILE, as --output=html",
    },
    {
      kind: "optional",
      bareValue: "-",
      parse: (_, file) => file,
      format: (file: string) => file,
    },
  ),
};
