/** Owns the way from argv to an exit code: read, dispatch, and one place where errors end. */
import { EXIT } from "../errors.ts";
import { forgetSecrets } from "../text/secrets.ts";
import { readArgv } from "./argv/argv.ts";
import { takeEnvironment } from "./argv/environment.ts";
import { hideCommandLine } from "./argv/hide-command-line.ts";
import { COMMANDS } from "./commands.ts";
import { reportFailure } from "./failure.ts";
import { writeStandardOutput } from "./output/standard-output.ts";

/** `argv` is what stands behind the name of the program. Never rejects. */
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
    const { dispatch } = await import("./argv/yargs-parser.ts");
    return await dispatch(read, COMMANDS);
  } catch (error) {
    return reportFailure(error);
  }
}
