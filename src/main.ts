import { hideCommandLine } from "./cli/argv/hide-command-line.ts";
/** Runs the process: argv in, exit code out. All else is cli/. */
import { reportFailure } from "./cli/failure.ts";
import { keepHangUpIgnored } from "./cli/interrupts.ts";
import { tolerateClosedTerminal } from "./cli/output/closed-terminal.ts";
import { tolerateClosedPipes } from "./cli/output/standard-output.ts";

const argv = process.argv.slice(2);
// Before the commands are loaded, which takes longer than all of this.
hideCommandLine(argv);
keepHangUpIgnored(process.env);
tolerateClosedPipes();
tolerateClosedTerminal();
// What is thrown in no call of ours, as by a socket for which there is no descriptor left; Node itself
// would print it as it is, secrets included.
process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
void start();

async function start(): Promise<void> {
  const { main } = await import("./cli/main.ts");
  process.exit(await main(argv));
}
