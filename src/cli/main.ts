/** Runs the command that argv names, or shows help, and prints what goes wrong in one place. */
import { EXIT } from "../errors.ts";
import type { GivenFlags } from "../flags/flag.ts";
import { CONFIG } from "../flags/settings.ts";
import { forgetSecrets } from "../text/secrets.ts";
import { readArgv } from "./argv/argv.ts";
import { environment, takeEnvironment } from "./argv/environment.ts";
import { flagValues } from "./argv/flag-values.ts";
import { hideCommandLine } from "./argv/hide-command-line.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import { writeStandardOutput } from "./output/standard-output.ts";
import { placedError, readSettings, settle } from "./settings/settle.ts";
import { valueOrigins } from "./settings/value-origins.ts";

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
      return await runWithSettings(command, flagValues({ ...read, command }), positionals);
    }
    const { showHelp } = await import("./argv/yargs-help.ts");
    await showHelp(read.command, COMMANDS, read.kind === "whole-help");
    return EXIT.done;
  } catch (error) {
    return reportFailure(error);
  }
}

/** Runs a command with what bench.yaml and BENCH_* variables say, too. */
async function runWithSettings(
  command: Command,
  given: GivenFlags,
  positionals: readonly string[],
): Promise<number> {
  const env = environment();
  const { flags, origins } = command.flags.includes(CONFIG)
    ? settle(command, given, await readSettings(CONFIG.read(given), { commands: COMMANDS, env }))
    : { flags: given, origins: new Map<string, string>() };
  try {
    return await command.run(flags, positionals);
  } catch (error) {
    throw placedError(error, origins, valueOrigins(command, flags, origins, env));
  }
}
