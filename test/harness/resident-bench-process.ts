/**
 * Runs one command line after another, each as `src/main.ts` does, and writes a mark after what each
 * has printed. Most of a short command's CPU goes to loading bench.
 */
import { tolerateClosedPipes } from "../../src/cli/output/standard-output.ts";
import { takeThreadsFromBundle } from "./built-bench.ts";
import { ownCpuSeconds } from "./cpu-seconds.ts";
import type { CommandLine } from "./resident-bench.ts";

tolerateClosedPipes();
takeThreadsFromBundle();
const loaded = import("../../src/cli/main.ts");
let countedSeconds = 0;
process.on("disconnect", () => process.exit(0));
process.on("message", (line: CommandLine) => void carryOut(line));

async function carryOut({ args, cwd, env, mark }: CommandLine): Promise<void> {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  const { main } = await loaded;
  const code = await main(args);
  // After all that was written, on each stream: the message below overtakes them.
  process.stdout.write(mark);
  process.stderr.write(mark);
  process.send!({ code, cpuSeconds: cpuSecondsSince() });
}

/** Since the command before, the loading of bench included. */
function cpuSecondsSince(): number {
  const seconds = ownCpuSeconds() ?? 0;
  const since = seconds - countedSeconds;
  countedSeconds = seconds;
  return since;
}
