/** Starts runs whose load agents send, and the agents. */
import { type BenchOptions, BenchProcess } from "./bench-process.ts";

export interface RunOfAgents {
  run: BenchProcess;
  agents: BenchProcess[];
}

/** An agent of one worker. */
export function agentOf(joinFile: string, options: BenchOptions = {}): BenchProcess {
  return new BenchProcess(["agent", `--join=${joinFile}`, "--workers=1"], options);
}

/**
 * A run with its result as JSON, and an agent of one worker for each join file.
 * @param joinFiles absent: two, of the coordination etcd that the run starts
 */
export async function runOfAgents(
  args: readonly string[],
  joinFiles?: readonly string[],
): Promise<RunOfAgents> {
  const count = joinFiles?.length ?? 2;
  const run = new BenchProcess([
    ...[...args, `--agents=${count}`, `--conns=${count}`, "--clients=5", "--output=json"],
    ...(joinFiles === undefined ? [] : [`--coordination=${joinFiles[0]}`]),
  ]);
  const files = joinFiles ?? Array(count).fill((await run.said(/bench agent --join (\S+)/))[1]);
  return { run, agents: files.map((file) => agentOf(file)) };
}
