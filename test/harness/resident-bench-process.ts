/**
 * Owns a bench that stays: carries out one command line after another, each as `src/main.ts` does,
 * and writes a mark behind what each has said. Most of a short run's CPU goes to loading modules.
 */
import { main } from "../../src/cli/main.ts";
import { tolerateClosedPipes } from "../../src/cli/output/standard-output.ts";
import type { CommandLine } from "./resident-bench.ts";

tolerateClosedPipes();
process.on("disconnect", () => process.exit(0));
process.on("message", (line: CommandLine) => void carryOut(line));

async function carryOut({ args, cwd, env, mark }: CommandLine): Promise<void> {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const code = await main(args);
  // Behind all that was written, on each stream: the message below overtakes them.
  process.stdout.write(mark);
  process.stderr.write(mark);
  process.send!({ code });
}
