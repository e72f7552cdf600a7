/** Runs the command that argv names, or shows help, and prints what goes wrong in one place. */
import { EXIT } from "../errors.ts";
import { forgetSecrets } from "../text/secrets.ts";
import { readArgv } from "./argv/argv.ts";
import { takeEnvironment } from "./argv/environment.ts";
import { flagValues } from "./argv/flag-values.ts";
import { hideCommandLine } from "./argv/hide-command-line.ts";
import { COMMANDS } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import { writeStandardOutput } from "./output/standard-output.ts";

/** @param argv what follows the name of the program. Resolves to the exit code; never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  forgetSecrets();
  takeEnvironment();
  hideCommandLine(argv);
  try {
    const read = readArgv(argv, COMMANDS);
    if (read.kind === "version") {
      const { toolName } = await import("../package-root.ts");
      await writeStandardOutput(toolName());
      return EXIT.done;
    }
    if (read.kind === "run" && read.command !== null) {
      const { command, positionals } = read;
      return await command.run(flagValues({ ...read, command }), positionals);
    }
    const { showHelp } = await import("./argv/yargs-help.ts");
    await showHelp(read.command, COMMANDS, read.kind === "whole-help");
    return EXIT.done;
  } catch (error) {
    return reportFailure(error);
  }
}
