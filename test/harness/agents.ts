/** Starts runs that take their load from agents, starts the agents, and checks how they end. */
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import type { RunResult } from "../../src/result/schema.ts";
import {
  type BenchEnd,
  type BenchOptions,
  BenchProcess,
  bench,
  measuredBy,
  onlyOperation,
} from "./bench-process.ts";

export interface RunOfAgents {
  run: BenchProcess;
  agents: BenchProcess[];
}

/** Starts an agent with one worker. */
export function agentOf(joinFile: string, options: BenchOptions = {}): BenchProcess {
  return new BenchProcess(["agent", `--join=${joinFile}`, "--workers=1"], options);
}

/**
 * Starts a run that prints JSON, and an agent with one worker for each join file.
 * @param joinFiles default: two, for the coordination etcd that the run starts
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

/** How each agent ended. */
export async function ends(agents: readonly BenchProcess[]): Promise<BenchEnd[]> {
  return Promise.all(agents.map(({ ended }) => ended));
}

/** Waits until some seconds of load are merged. */
export async function loadIsUnderWay({ run }: RunOfAgents): Promise<void> {
  await run.said(/measuring/);
  await delay(2_500);
}

/** @param words expected in the first reason of the verdict */
export function assertInterrupted(end: BenchEnd, words: RegExp): RunResult {
  const { result, code, stderr } = measuredBy(end);
  assert.is(code, EXIT.interrupted, stderr);
  assert.is(result.status, "interrupted");
  assert.match(result.verdict.reasons[0]!, words);
  assert.ok(onlyOperation(result).requests.succeeded > 0, "what was merged is in the result");
  return result;
}

/** @param requests the expected number of offered requests */
export function assertComplete(end: BenchEnd, requests: number): RunResult {
  const { result, code, stderr } = measuredBy(end);
  assert.is(code, EXIT.done, stderr);
  assert.is(result.status, "complete");
  assert.is(onlyOperation(result).requests.offered, requests);
  return result;
}

/** Stops all groups of `bench agents up` that remain, for example after a failed test. */
export async function takeAllDown(env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await bench(["agents", "list", "--output=json"], { env });
  for (const { name } of JSON.parse(stdout) as { name: string }[]) {
    await bench(["agents", "down", name, "--force"], { env });
  }
}
