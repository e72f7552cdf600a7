#!/usr/bin/env node
/** Owns the process: argv in, exit code out. All else is cli/. */
import { reportFailure } from "./cli/failure.ts";
import { main } from "./cli/main.ts";
import { tolerateClosedPipes } from "./cli/standard-output.ts";

tolerateClosedPipes();
// What is thrown in no call of ours, as by a socket for which there is no descriptor left.
process.on("uncaughtException", (error) => process.exit(reportFailure(error)));
process.exit(await main(process.argv.slice(2)));
