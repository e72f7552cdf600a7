#!/usr/bin/env node
/** Owns the process: argv in, exit code out. All else is cli/. */
import { main } from "./cli/main.ts";
import { tolerateClosedPipes } from "./cli/standard-output.ts";

tolerateClosedPipes();
process.exit(await main(process.argv.slice(2)));
