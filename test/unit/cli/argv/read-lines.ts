/** Command lines read as flags and positionals. */
import { readArgv } from "../../../../src/cli/argv/argv.ts";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { MEASURING_COMMANDS } from "../../../../src/cli/measure/measuring-commands.ts";
import { refuses as refusesAct } from "../../../harness/refusal.ts";

export const putCommand = MEASURING_COMMANDS[0]!;

export const read = (...argv: string[]) => readArgv(argv, COMMANDS);

export const refuses = (argv: string[], ...words: string[]) =>
  refusesAct(() => read(...argv), ...words);
