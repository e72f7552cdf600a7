/**
 * Runs one command line after another, each as `src/main.ts` does, and writes a mark after the output
 * of each. This saves loading bench, which is most of the CPU time of a short command.
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
  // The mark follows all output on each stream; the message below can arrive before that output.
  process.stdout.write(mark);
  process.stderr.write(mark);
  process.send!({ code, cpuSeconds: cpuSecondsSince() });
}

/** CPU seconds since the previous command, with the loading of bench. */
function cpuSecondsSince(): number {
  const seconds = ownCpuSeconds() ?? 0;
  const since = seconds - countedSeconds;
  countedSeconds = seconds;
  return since;
}
